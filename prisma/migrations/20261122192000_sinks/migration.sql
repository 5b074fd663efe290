-- Where records are sent on to (docs/sinks.md): settings that people make, and how far `intercept audit forward` has come.
-- `cursor` holds for each chain the number of the last record that the receiver confirmed. Credentials are sealed.
CREATE TABLE "sinks" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "settings" JSONB NOT NULL,
    "sealed" BYTEA,
    "secret_names" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "effects" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "servers" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "with_arguments" BOOLEAN NOT NULL DEFAULT false,
    "paused_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "cursor" JSONB NOT NULL DEFAULT '{}',
    "sent" BIGINT NOT NULL DEFAULT 0,
    "failures" BIGINT NOT NULL DEFAULT 0,
    "missing" BIGINT NOT NULL DEFAULT 0,
    "last_sent_at" TIMESTAMPTZ(3),
    "last_error" TEXT,
    "last_error_at" TIMESTAMPTZ(3),
    "test_wanted" UUID,
    "test_done" UUID,
    "test_error" TEXT,

    CONSTRAINT "sinks_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "sinks_name_key" ON "sinks"("name");
ALTER TABLE "sinks" ADD CONSTRAINT "sinks_kind_check" CHECK ("kind" IN ('otlp', 'syslog', 'webhook', 's3', 'file', 'nats'));

-- Wakes the forwarder when people change something; its own progress wakes nobody.
CREATE FUNCTION "notify_sinks"() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM pg_notify('intercept_sinks', '');
  RETURN NULL;
END $$;
CREATE TRIGGER "sinks_notify" AFTER INSERT OR DELETE
    OR UPDATE OF name, settings, sealed, effects, servers, with_arguments, paused_at, test_wanted
  ON "sinks" FOR EACH STATEMENT EXECUTE FUNCTION notify_sinks();
REVOKE EXECUTE ON FUNCTION "notify_sinks"() FROM PUBLIC;

-- The forwarder signs in with the console's role: it reads the record and keeps its cursors here, and nothing else.
GRANT SELECT, INSERT, UPDATE, DELETE ON "sinks" TO "intercept_console";
