-- Changes of signing keys are few among very many checkpoints; the integrity page lists them.
CREATE INDEX "checkpoints_next_key_idx" ON "checkpoints" ("time") WHERE "next_key" IS NOT NULL;
