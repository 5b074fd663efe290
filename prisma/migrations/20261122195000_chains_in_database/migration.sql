-- AUDIT_DURABILITY=database: a proxy without a durable disk commits its records here before it forwards. What its spool would
-- know after a crash stands in this table: which chain it wrote, and up to which place every call has its outcome.
CREATE TABLE "proxy_chains" (
    "chain" UUID NOT NULL,
    "proxy" TEXT NOT NULL,
    "began_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),
    "answered_to" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "proxy_chains_pkey" PRIMARY KEY ("chain")
);
CREATE INDEX "proxy_chains_proxy_idx" ON "proxy_chains" ("proxy");

-- Ends the chain that this proxy wrote, waiting for a batch that is still being committed, so that none can follow it: not
-- from a process that was killed with its last batch under way, nor from another that has this proxy's name. Then begins the
-- new one, and gives the calls of ended chains that have no outcome.
CREATE FUNCTION "begin_chain"("of_proxy" text, "new_chain" uuid) RETURNS TABLE ("id" uuid, "time" timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  UPDATE proxy_chains SET ended_at = CURRENT_TIMESTAMP WHERE proxy_chains.proxy = of_proxy AND ended_at IS NULL;
  -- Whoever asked may not have heard that it began.
  INSERT INTO proxy_chains (chain, proxy) VALUES (new_chain, of_proxy)
    ON CONFLICT (chain) DO UPDATE SET ended_at = NULL WHERE proxy_chains.proxy = of_proxy;
  DELETE FROM proxy_chains AS c WHERE c.proxy = of_proxy AND c.ended_at IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM decisions d WHERE d.chain = c.chain AND d.sequence > c.answered_to AND d.effect = 'allow'
      AND NOT EXISTS (SELECT 1 FROM outcomes o WHERE o.decision_time = d.time AND o.decision_id = d.id));
  RETURN QUERY SELECT d.id, d.time FROM proxy_chains c
    JOIN decisions d ON d.chain = c.chain AND d.sequence > c.answered_to AND d.effect = 'allow'
    WHERE c.proxy = of_proxy AND c.ended_at IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM outcomes o WHERE o.decision_time = d.time AND o.decision_id = d.id)
    ORDER BY d.time, d.id;
END $$;

-- record_calls for the chain in force: after `begin_chain` the chains before it take nothing more. `answered` is the place up to
-- which every call has its outcome once this batch is in.
CREATE FUNCTION "record_calls_in"("of_chain" uuid, "answered" bigint, "decisions_in" jsonb, "outcomes_in" jsonb) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  UPDATE proxy_chains SET answered_to = greatest(answered_to, answered) WHERE chain = of_chain AND ended_at IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'The chain % has ended: another process writes the record of this proxy.', of_chain USING ERRCODE = '55000';
  END IF;
  RETURN record_calls(decisions_in, outcomes_in);
END $$;

REVOKE EXECUTE ON FUNCTION "begin_chain"(text, uuid), "record_calls_in"(uuid, bigint, jsonb, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "begin_chain"(text, uuid), "record_calls_in"(uuid, bigint, jsonb, jsonb) TO "intercept_proxy";
