-- Evidence (DESIGN §6): checkpoints that name those of other proxies, time-stamps of checkpoints, and retention, which drops
-- whole days and leaves signed statements of what was dropped.
ALTER TABLE "checkpoints" ADD COLUMN "seen" JSONB, ADD COLUMN "statement" TEXT;

CREATE TABLE "timestamps" (
    "digest" TEXT NOT NULL,
    "checkpoint" TEXT NOT NULL,
    "time" TIMESTAMPTZ(3) NOT NULL,
    "token" TEXT NOT NULL,

    CONSTRAINT "timestamps_pkey" PRIMARY KEY ("digest")
);
CREATE INDEX "timestamps_checkpoint_idx" ON "timestamps" ("checkpoint");

CREATE TABLE "retention_statements" (
    "number" INTEGER NOT NULL,
    "digest" TEXT NOT NULL,
    "time" TIMESTAMPTZ(3) NOT NULL,
    "from_time" TIMESTAMPTZ(3) NOT NULL,
    "to_time" TIMESTAMPTZ(3) NOT NULL,
    "decisions" BIGINT NOT NULL,
    "outcomes" BIGINT NOT NULL,
    "content" JSONB NOT NULL,

    CONSTRAINT "retention_statements_pkey" PRIMARY KEY ("number")
);
CREATE UNIQUE INDEX "retention_statements_digest_key" ON "retention_statements" ("digest");

-- What the last maintenance did; one row, written by the owner.
CREATE TABLE "maintenance" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "ran_at" TIMESTAMPTZ(3) NOT NULL,
    "retention_days" INTEGER,
    "partitions_until" TIMESTAMPTZ(3),
    "published_to" INTEGER NOT NULL DEFAULT 0,
    "problem" TEXT,

    CONSTRAINT "maintenance_pkey" PRIMARY KEY ("id")
);

-- A statement is never changed or removed, not by the owner either unless on purpose.
CREATE FUNCTION "refuse_change_of_statements"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'Statements of retention are never changed or removed.' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER "retention_statements_stay" BEFORE UPDATE OR DELETE OR TRUNCATE ON "retention_statements"
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_statements();

-- As before, with what a checkpoint of version 2 names.
CREATE OR REPLACE FUNCTION "record_checkpoints"("checkpoints_in" jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  INSERT INTO checkpoints (digest, version, proxy, chain, sequence, hash, time, previous, key, next_key, signature, seen, statement)
  SELECT c.digest, c.version, c.proxy, c.chain, c.sequence, c.hash, c.time, c.previous, c.key, c.next_key, c.signature, c.seen, c.statement
  FROM jsonb_to_recordset(checkpoints_in) AS c(digest text, version smallint, proxy text, chain uuid, sequence bigint, hash text,
    time timestamptz, previous text, key text, next_key text, signature text, seen jsonb, statement text)
  ON CONFLICT (digest) DO NOTHING
$$;

-- Time-stamps of checkpoints, as base64 of the token. Postgres does not judge them either. A replay changes nothing.
CREATE FUNCTION "record_timestamps"("timestamps_in" jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  INSERT INTO timestamps (digest, checkpoint, time, token)
  SELECT encode(sha256(decode(t.token, 'base64')), 'hex'), t.checkpoint, t.time, t.token
  FROM jsonb_to_recordset(timestamps_in) AS t(checkpoint text, time timestamptz, token text)
  ON CONFLICT (digest) DO NOTHING
$$;

-- The newest checkpoint of each other proxy, and the newest statement of retention: what a proxy's next checkpoint names, so
-- that neither can vanish unseen. One look by index a proxy.
CREATE FUNCTION "checkpoint_heads"("of_proxy" text) RETURNS jsonb
LANGUAGE sql SECURITY DEFINER STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  WITH RECURSIVE names AS (
    (SELECT proxy FROM checkpoints ORDER BY proxy LIMIT 1)
    UNION ALL
    SELECT (SELECT c.proxy FROM checkpoints c WHERE c.proxy > names.proxy ORDER BY c.proxy LIMIT 1) FROM names WHERE names.proxy IS NOT NULL
  )
  SELECT jsonb_build_object(
    'heads', coalesce((SELECT jsonb_agg(jsonb_build_object('proxy', h.proxy, 'chain', h.chain, 'sequence', h.sequence, 'digest', h.digest)
      ORDER BY h.proxy)
      FROM names CROSS JOIN LATERAL (SELECT c.proxy, c.chain, c.sequence, c.digest FROM checkpoints c
        WHERE c.proxy = names.proxy ORDER BY c.time DESC LIMIT 1) h
      WHERE names.proxy <> of_proxy), '[]'),
    'statement', (SELECT digest FROM retention_statements ORDER BY number DESC LIMIT 1))
$$;

-- Makes the daily partitions from today to `days_ahead` days ahead, and those of days that DEFAULT caught rows of (at most 60
-- at once; no row of a clock gone mad makes one in another decade). DEFAULT is locked first, since a row that comes
-- between the move and the attaching would make the attaching fail.
CREATE OR REPLACE FUNCTION "ensure_partitions"("days_ahead" integer) RETURNS integer LANGUAGE plpgsql SET timezone = 'UTC' AS $$
DECLARE
  parent record; due record; part text; made integer := 0; is_locked boolean;
  today timestamptz := date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
BEGIN
  FOR parent IN SELECT * FROM (VALUES ('decisions', 'time'), ('outcomes', 'decision_time')) AS p(name, col) LOOP
    is_locked := false;
    FOR due IN EXECUTE format(
      'SELECT lower_bound FROM (
         SELECT $1 + make_interval(days => n) AS lower_bound FROM generate_series(0, $2) AS n
         UNION
         (SELECT DISTINCT date_trunc(''day'', %1$I AT TIME ZONE ''UTC'') AT TIME ZONE ''UTC'' FROM public.%2$I
          WHERE %1$I >= $1 - interval ''10 years'' AND %1$I < $1 + make_interval(days => $2 + 1) ORDER BY 1 LIMIT 60)) AS days
       ORDER BY lower_bound', parent.col, parent.name || '_default') USING today, days_ahead
    LOOP
      part := parent.name || '_' || to_char(due.lower_bound AT TIME ZONE 'UTC', 'YYYYMMDD');
      CONTINUE WHEN to_regclass(format('public.%I', part)) IS NOT NULL;
      IF NOT is_locked THEN
        EXECUTE format('LOCK TABLE public.%I IN ACCESS EXCLUSIVE MODE', parent.name || '_default');
        is_locked := true;
      END IF;
      EXECUTE format('CREATE TABLE public.%I (LIKE public.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part, parent.name);
      EXECUTE format('WITH moved AS (DELETE FROM public.%I WHERE %I >= %L AND %I < %L RETURNING *) INSERT INTO public.%I SELECT * FROM moved',
        parent.name || '_default', parent.col, due.lower_bound, parent.col, due.lower_bound + interval '1 day', part);
      EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)', parent.name, part,
        due.lower_bound, due.lower_bound + interval '1 day');
      made := made + 1;
    END LOOP;
  END LOOP;
  RETURN made;
END $$;

REVOKE EXECUTE ON FUNCTION "record_timestamps"(jsonb), "checkpoint_heads"(text), "refuse_change_of_statements"() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "record_timestamps"(jsonb), "checkpoint_heads"(text) TO "intercept_proxy";
GRANT SELECT ON "timestamps", "retention_statements", "maintenance" TO "intercept_console";
