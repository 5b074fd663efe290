-- How long a call to a server may stay silent and last, where its steward knows better than the proxy's defaults.
ALTER TABLE "servers"
  ADD COLUMN "idle_deadline_seconds" INTEGER CHECK ("idle_deadline_seconds" BETWEEN 5 AND 86400),
  ADD COLUMN "deadline_seconds" INTEGER CHECK ("deadline_seconds" BETWEEN 5 AND 86400);

DROP TRIGGER "servers_raise" ON "servers";
CREATE TRIGGER "servers_raise" AFTER INSERT OR DELETE OR UPDATE OF slug, transport, command, url, allow_private, sealed, drift, arguments_kept,
    idle_deadline_seconds, deadline_seconds
  ON "servers" FOR EACH STATEMENT EXECUTE FUNCTION raise_enforcement_version();
