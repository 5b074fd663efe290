-- Revisions are the record of what was once in force, so the policy of a removed server stays, bound to nothing. That it
-- may not be taken for the every-server document, that one says so itself, and there is one of it.
ALTER TABLE "policies" ADD COLUMN "every_server" BOOLEAN NOT NULL DEFAULT false;
UPDATE "policies" SET "every_server" = true WHERE "server_id" IS NULL;
ALTER TABLE "policies" DROP CONSTRAINT "policies_server_id_fkey";
ALTER TABLE "policies" ADD CONSTRAINT "policies_server_id_fkey" FOREIGN KEY ("server_id") REFERENCES "servers"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "policies" ADD CONSTRAINT "policies_scope_check" CHECK (NOT ("every_server" AND "server_id" IS NOT NULL));
CREATE UNIQUE INDEX "policies_every_server_one" ON "policies" ("every_server") WHERE "every_server";
