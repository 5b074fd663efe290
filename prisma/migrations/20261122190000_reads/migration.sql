-- What reads of the record need (docs/decisions/record-indexes.md): roll-ups by identity and by day, a line for each shipped
-- batch that consoles follow, and indexes chosen by measurement. All of it is kept by record_calls in its one transaction.

CREATE TABLE "decision_tool_days" (
    "day" TIMESTAMPTZ(3) NOT NULL,
    "server" TEXT NOT NULL,
    "tool" TEXT NOT NULL,
    "effect" TEXT NOT NULL,
    "count" BIGINT NOT NULL,

    CONSTRAINT "decision_tool_days_pkey" PRIMARY KEY ("day", "server", "tool", "effect")
) WITH (fillfactor = 50);

-- A call without an identity counts under the empty name.
CREATE TABLE "decision_identity_hours" (
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "identity" TEXT NOT NULL,
    "effect" TEXT NOT NULL,
    "count" BIGINT NOT NULL,

    CONSTRAINT "decision_identity_hours_pkey" PRIMARY KEY ("hour", "identity", "effect")
) WITH (fillfactor = 50);

CREATE TABLE "decision_identity_days" (
    "day" TIMESTAMPTZ(3) NOT NULL,
    "identity" TEXT NOT NULL,
    "effect" TEXT NOT NULL,
    "count" BIGINT NOT NULL,

    CONSTRAINT "decision_identity_days_pkey" PRIMARY KEY ("day", "identity", "effect")
) WITH (fillfactor = 50);

-- Counts change in place: with room on its page an update touches no index.
ALTER TABLE "decision_hours" SET (fillfactor = 50);
ALTER TABLE "decision_tool_hours" SET (fillfactor = 50);
CREATE INDEX "decision_tool_hours_tool_hour_idx" ON "decision_tool_hours" ("tool", "hour");
CREATE INDEX "decision_identity_hours_identity_hour_idx" ON "decision_identity_hours" ("identity", "hour");

-- The timeline of a session.
CREATE INDEX "decisions_session_time_id_idx" ON "decisions" ("session", "time", "id") WHERE "session" IS NOT NULL;
-- Every field that a filter names, by a letter each, and values in arguments: one index, for what is rare alone or together.
-- What is common is found sooner along the time. A short list of what is not sorted in yet keeps both writes and reads quick.
CREATE INDEX "decisions_facets_idx" ON "decisions" USING gin (
  (ARRAY['s' || "server", 'g' || "category", 'r' || "risk", 'u' || "rule", 'p' || "policy", 'o' || "code", 'm' || "method",
    'x' || "proxy", 'c' || "client_name", 'k' || "key_prefix", 'v' || "revision"::text, 't' || "tool", 'i' || "identity",
    CASE WHEN "effect" <> 'allow' THEN 'e' || "effect" END]),
  "arguments" jsonb_path_ops
) WITH (gin_pending_list_limit = 1024);

-- What each shipped batch holds: a place in a chain, or a range of ids where there is none. Consoles are told of the newest
-- number and read what they have not; only the newest few thousand are kept.
CREATE TABLE "record_batches" (
    "id" BIGINT GENERATED ALWAYS AS IDENTITY NOT NULL,
    "chain" UUID,
    "first_sequence" BIGINT,
    "last_sequence" BIGINT,
    "first_time" TIMESTAMPTZ(3) NOT NULL,
    "last_time" TIMESTAMPTZ(3) NOT NULL,
    "records" INTEGER NOT NULL,
    "shipped_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "record_batches_pkey" PRIMARY KEY ("id")
);

INSERT INTO "decision_tool_days" SELECT date_trunc('day', "hour", 'UTC'), "server", "tool", "effect", sum("count") FROM "decision_tool_hours" GROUP BY 1, 2, 3, 4;
INSERT INTO "decision_identity_hours"
  SELECT date_trunc('hour', "time", 'UTC'), coalesce("identity", ''), CASE WHEN "code" = 'rate_limited' THEN "code" ELSE "effect" END, count(*) FROM "decisions" GROUP BY 1, 2, 3;
INSERT INTO "decision_identity_days" SELECT date_trunc('day', "hour", 'UTC'), "identity", "effect", sum("count") FROM "decision_identity_hours" GROUP BY 1, 2, 3;

-- As before, and keeps the new roll-ups and the line of the batch. Outcomes go first and roll-ups last: rows of roll-ups are
-- shared by all proxies, so they are locked as shortly as can be; all in one order, so that two batches never wait for each other.
CREATE OR REPLACE FUNCTION "record_calls"("decisions_in" jsonb, "outcomes_in" jsonb) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE inserted integer := 0; answered integer := 0; places jsonb := '[]'; more_places jsonb; newest bigint;
BEGIN
  IF jsonb_array_length(outcomes_in) > 0 THEN
    WITH fresh AS (
      INSERT INTO outcomes (decision_id, decision_time, record_version, kind, is_error, status, duration_ms, result_bytes, error, recorded_at,
        chain, sequence, hash)
      SELECT o.decision_id, o.decision_time, o.record_version, o.kind, coalesce(o.is_error, false), o.status, o.duration_ms, o.result_bytes,
        o.error, o.recorded_at, o.chain, o.sequence, decode(o.hash, 'hex')
      FROM jsonb_to_recordset(outcomes_in) AS o(decision_id uuid, decision_time timestamptz, record_version smallint, kind text,
        is_error boolean, status integer, duration_ms double precision, result_bytes integer, error text, recorded_at timestamptz,
        chain uuid, sequence bigint, hash text)
      ON CONFLICT (decision_time, decision_id) DO NOTHING
      RETURNING chain, sequence, decision_time
    ), placed AS (
      SELECT chain, min(sequence) AS first, max(sequence) AS last, min(decision_time) AS from_time, max(decision_time) AS to_time, count(*) AS n
      FROM fresh GROUP BY chain
    )
    SELECT coalesce(sum(n), 0), coalesce(jsonb_agg(to_jsonb(placed)), '[]') INTO answered, places FROM placed;
  END IF;

  IF jsonb_array_length(decisions_in) > 0 THEN
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
      RETURNING time, server, tool, identity, chain, sequence, CASE WHEN code = 'rate_limited' THEN 'rate_limited' ELSE effect END AS shown
    ), counted AS (
      SELECT date_trunc('hour', time, 'UTC') AS hour, server, coalesce(tool, '') AS tool, coalesce(identity, '') AS identity, shown, count(*) AS n
      FROM fresh GROUP BY 1, 2, 3, 4, 5
    ), hours AS (
      INSERT INTO decision_hours (hour, server, effect, count)
      SELECT hour, server, shown, sum(n) FROM counted GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
      ON CONFLICT (hour, server, effect) DO UPDATE SET count = decision_hours.count + EXCLUDED.count
    ), tool_hours AS (
      INSERT INTO decision_tool_hours (hour, server, tool, effect, count)
      SELECT hour, server, tool, shown, sum(n) FROM counted WHERE tool <> '' GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
      ON CONFLICT (hour, server, tool, effect) DO UPDATE SET count = decision_tool_hours.count + EXCLUDED.count
    ), tool_days AS (
      INSERT INTO decision_tool_days (day, server, tool, effect, count)
      SELECT date_trunc('day', hour, 'UTC'), server, tool, shown, sum(n) FROM counted WHERE tool <> '' GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
      ON CONFLICT (day, server, tool, effect) DO UPDATE SET count = decision_tool_days.count + EXCLUDED.count
    ), identity_hours AS (
      INSERT INTO decision_identity_hours (hour, identity, effect, count)
      SELECT hour, identity, shown, sum(n) FROM counted GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
      ON CONFLICT (hour, identity, effect) DO UPDATE SET count = decision_identity_hours.count + EXCLUDED.count
    ), identity_days AS (
      INSERT INTO decision_identity_days (day, identity, effect, count)
      SELECT date_trunc('day', hour, 'UTC'), identity, shown, sum(n) FROM counted GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
      ON CONFLICT (day, identity, effect) DO UPDATE SET count = decision_identity_days.count + EXCLUDED.count
    ), placed AS (
      SELECT chain, min(sequence) AS first, max(sequence) AS last, min(time) AS from_time, max(time) AS to_time, count(*) AS n
      FROM fresh GROUP BY chain
    )
    SELECT coalesce(sum(n), 0), coalesce(jsonb_agg(to_jsonb(placed)), '[]') INTO inserted, more_places FROM placed;
    places := places || more_places;
  END IF;

  IF inserted + answered > 0 THEN
    WITH noted AS (
      INSERT INTO record_batches (chain, first_sequence, last_sequence, first_time, last_time, records)
      SELECT chain, min(first), max(last), min(from_time), max(to_time), sum(n)
      FROM jsonb_to_recordset(places) AS p(chain uuid, first bigint, last bigint, from_time timestamptz, to_time timestamptz, n integer)
      GROUP BY chain RETURNING id
    )
    SELECT max(id) INTO newest FROM noted;
    -- One word a batch, never one a record: notifying takes a lock that all commits wait for.
    PERFORM pg_notify('intercept_record', newest::text);
    IF newest % 500 = 0 THEN DELETE FROM record_batches WHERE id < newest - 5000; END IF;
  END IF;

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

GRANT SELECT ON "decision_tool_days", "decision_identity_hours", "decision_identity_days", "record_batches" TO "intercept_console";
