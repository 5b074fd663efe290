-- Tamper evidence (DESIGN §6): each record's place in its proxy's hash chain, signed checkpoints, and a place for records
-- that the tables refuse. Records from before have no place in a chain.
ALTER TABLE "decisions" ADD COLUMN "chain" UUID, ADD COLUMN "sequence" BIGINT, ADD COLUMN "hash" BYTEA;
ALTER TABLE "outcomes" ADD COLUMN "chain" UUID, ADD COLUMN "sequence" BIGINT, ADD COLUMN "hash" BYTEA;
-- Exports and verification walk a chain in its order; new entries land at the right end, so keeping them is cheap.
CREATE INDEX "decisions_chain_sequence_idx" ON "decisions" ("chain", "sequence");
CREATE INDEX "outcomes_chain_sequence_idx" ON "outcomes" ("chain", "sequence");

CREATE TABLE "checkpoints" (
    "digest" TEXT NOT NULL,
    "version" SMALLINT NOT NULL,
    "proxy" TEXT NOT NULL,
    "chain" UUID NOT NULL,
    "sequence" BIGINT NOT NULL,
    "hash" TEXT NOT NULL,
    "time" TIMESTAMPTZ(3) NOT NULL,
    "previous" TEXT,
    "key" TEXT NOT NULL,
    "next_key" TEXT,
    "signature" TEXT NOT NULL,

    CONSTRAINT "checkpoints_pkey" PRIMARY KEY ("digest")
);
CREATE INDEX "checkpoints_chain_sequence_idx" ON "checkpoints" ("chain", "sequence");
CREATE INDEX "checkpoints_proxy_time_idx" ON "checkpoints" ("proxy", "time");

CREATE TABLE "quarantine" (
    "digest" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "record" TEXT NOT NULL,
    "error" TEXT NOT NULL,
    "proxy" TEXT,
    "chain" UUID,
    "sequence" BIGINT,
    "hash" TEXT,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "quarantine_pkey" PRIMARY KEY ("digest")
);
CREATE INDEX "quarantine_chain_sequence_idx" ON "quarantine" ("chain", "sequence");

-- Takes a record whole that the tables refuse: as text, so that nothing in it can be refused again. `of_kind` is decision or
-- outcome; its place in the chain is given beside it, since the text may be unreadable. A replay changes nothing.
CREATE FUNCTION "quarantine_record"("of_kind" text, "text" text, "why" text, "of_proxy" text, "place" jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  INSERT INTO quarantine (digest, kind, record, error, proxy, chain, sequence, hash)
  VALUES (encode(sha256(convert_to(text, 'UTF8')), 'hex'), of_kind, text, why, of_proxy,
    (place->>'chain')::uuid, (place->>'sequence')::bigint, place->>'hash')
  ON CONFLICT (digest) DO NOTHING
$$;

-- Signed checkpoints, as the proxy spooled them. Postgres does not judge them: the verifier does. A replay changes nothing.
CREATE FUNCTION "record_checkpoints"("checkpoints_in" jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  INSERT INTO checkpoints (digest, version, proxy, chain, sequence, hash, time, previous, key, next_key, signature)
  SELECT c.digest, c.version, c.proxy, c.chain, c.sequence, c.hash, c.time, c.previous, c.key, c.next_key, c.signature
  FROM jsonb_to_recordset(checkpoints_in) AS c(digest text, version smallint, proxy text, chain uuid, sequence bigint, hash text,
    time timestamptz, previous text, key text, next_key text, signature text)
  ON CONFLICT (digest) DO NOTHING
$$;

-- As before, with each record's place in its chain. A record that is there already under another place is kept whole in
-- quarantine, so that no link of a chain is ever lost.
CREATE OR REPLACE FUNCTION "record_calls"("decisions_in" jsonb, "outcomes_in" jsonb) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE inserted integer; answered integer;
BEGIN
  WITH fresh AS (
    INSERT INTO decisions (id, time, record_version, proxy, identity_id, identity, key_prefix, session, client_name, client_version,
      server, method, tool, category, risk, effect, shadow_effect, code, rule, line, policy, message, reasons, obligations, revision,
      definition_digest, arguments, masked_paths, argument_digest, request_id, trace_id, decided_in_us, chain, sequence, hash)
    SELECT d.id, d.time, d.record_version, d.proxy, d.identity_id, d.identity, d.key_prefix, d.session, d.client_name, d.client_version,
      d.server, d.method, d.tool, d.category, d.risk, d.effect, d.shadow_effect, d.code, d.rule, d.line, d.policy, d.message,
      coalesce(d.reasons, '[]'), coalesce(d.obligations, '[]'), d.revision, d.definition_digest, d.arguments,
      coalesce(d.masked_paths, '{}'), d.argument_digest, d.request_id, d.trace_id, d.decided_in_us, d.chain, d.sequence,
      decode(d.hash, 'hex')
    FROM jsonb_to_recordset(decisions_in) AS d(id uuid, time timestamptz, record_version smallint, proxy text, identity_id uuid,
      identity text, key_prefix text, session text, client_name text, client_version text, server text, method text, tool text,
      category text, risk text, effect text, shadow_effect text, code text, rule text, line integer, policy text, message text,
      reasons jsonb, obligations jsonb, revision bigint, definition_digest text, arguments jsonb, masked_paths text[],
      argument_digest text, request_id text, trace_id text, decided_in_us integer, chain uuid, sequence bigint, hash text)
    ON CONFLICT (time, id) DO NOTHING
    RETURNING time, server, tool, CASE WHEN code = 'rate_limited' THEN 'rate_limited' ELSE effect END AS shown
  ), counted AS (
    SELECT date_trunc('hour', time, 'UTC') AS hour, server, coalesce(tool, '') AS tool, shown, count(*) AS n
    FROM fresh GROUP BY 1, 2, 3, 4
  ), hours AS (
    INSERT INTO decision_hours (hour, server, effect, count)
    SELECT hour, server, shown, sum(n) FROM counted GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (hour, server, effect) DO UPDATE SET count = decision_hours.count + EXCLUDED.count
  ), tool_hours AS (
    INSERT INTO decision_tool_hours (hour, server, tool, effect, count)
    SELECT hour, server, tool, shown, n FROM counted WHERE tool <> '' ORDER BY 1, 2, 3, 4
    ON CONFLICT (hour, server, tool, effect) DO UPDATE SET count = decision_tool_hours.count + EXCLUDED.count
  )
  SELECT count(*) INTO inserted FROM fresh;

  INSERT INTO outcomes (decision_id, decision_time, record_version, kind, is_error, status, duration_ms, result_bytes, error, recorded_at,
    chain, sequence, hash)
  SELECT o.decision_id, o.decision_time, o.record_version, o.kind, coalesce(o.is_error, false), o.status, o.duration_ms, o.result_bytes,
    o.error, o.recorded_at, o.chain, o.sequence, decode(o.hash, 'hex')
  FROM jsonb_to_recordset(outcomes_in) AS o(decision_id uuid, decision_time timestamptz, record_version smallint, kind text,
    is_error boolean, status integer, duration_ms double precision, result_bytes integer, error text, recorded_at timestamptz,
    chain uuid, sequence bigint, hash text)
  ON CONFLICT (decision_time, decision_id) DO NOTHING;
  GET DIAGNOSTICS answered = ROW_COUNT;

  -- Only a replay, or a second outcome of one call, has fewer rows than lines.
  IF inserted < jsonb_array_length(decisions_in) THEN
    INSERT INTO quarantine (digest, kind, record, error, proxy, chain, sequence, hash)
    SELECT encode(sha256(convert_to(e.value::text, 'UTF8')), 'hex'), 'decision', e.value::text, 'Another record has this id.', e.value->>'proxy',
      (e.value->>'chain')::uuid, (e.value->>'sequence')::bigint, e.value->>'hash'
    FROM jsonb_array_elements(decisions_in) AS e
    JOIN decisions d ON d.time = (e.value->>'time')::timestamptz AND d.id = (e.value->>'id')::uuid
    WHERE e.value ? 'chain' AND (d.chain IS DISTINCT FROM (e.value->>'chain')::uuid OR d.sequence IS DISTINCT FROM (e.value->>'sequence')::bigint)
    ON CONFLICT (digest) DO NOTHING;
  END IF;
  IF answered < jsonb_array_length(outcomes_in) THEN
    INSERT INTO quarantine (digest, kind, record, error, chain, sequence, hash)
    SELECT encode(sha256(convert_to(e.value::text, 'UTF8')), 'hex'), 'outcome', e.value::text, 'The call has an outcome already.',
      (e.value->>'chain')::uuid, (e.value->>'sequence')::bigint, e.value->>'hash'
    FROM jsonb_array_elements(outcomes_in) AS e
    JOIN outcomes o ON o.decision_time = (e.value->>'decision_time')::timestamptz AND o.decision_id = (e.value->>'decision_id')::uuid
    WHERE e.value ? 'chain' AND (o.chain IS DISTINCT FROM (e.value->>'chain')::uuid OR o.sequence IS DISTINCT FROM (e.value->>'sequence')::bigint)
    ON CONFLICT (digest) DO NOTHING;
  END IF;
  RETURN inserted;
END $$;

-- What a migration makes may be run by everyone unless it is said otherwise.
REVOKE EXECUTE ON FUNCTION "quarantine_record"(text, text, text, text, jsonb), "record_checkpoints"(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "quarantine_record"(text, text, text, text, jsonb), "record_checkpoints"(jsonb) TO "intercept_proxy";
GRANT SELECT ON "checkpoints", "quarantine" TO "intercept_console";
