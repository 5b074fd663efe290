-- How a proxy reaches a server, as its steward knows it: one child for all sessions, or HTTP with SSE of 2024-11-05.
ALTER TABLE "servers"
  ADD COLUMN "is_shared" BOOLEAN NOT NULL DEFAULT false,
  ADD COLUMN "is_sse" BOOLEAN NOT NULL DEFAULT false;

DROP TRIGGER "servers_raise" ON "servers";
CREATE TRIGGER "servers_raise" AFTER INSERT OR DELETE OR UPDATE OF slug, transport, command, url, allow_private, sealed, drift, arguments_kept,
    idle_deadline_seconds, deadline_seconds, is_shared, is_sse
  ON "servers" FOR EACH STATEMENT EXECUTE FUNCTION raise_enforcement_version();
