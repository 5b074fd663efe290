-- CreateEnum
CREATE TYPE "Role" AS ENUM ('viewer', 'editor', 'approver', 'auditor', 'admin', 'owner');

-- CreateEnum
CREATE TYPE "LinkPurpose" AS ENUM ('first_owner', 'reset_password');

-- CreateEnum
CREATE TYPE "Transport" AS ENUM ('stdio', 'http');

-- CreateEnum
CREATE TYPE "Drift" AS ENUM ('block', 'warn');

-- CreateEnum
CREATE TYPE "ArgumentsKept" AS ENUM ('keep', 'masked', 'keys', 'none');

-- CreateEnum
CREATE TYPE "Category" AS ENUM ('Read', 'Write', 'Execute', 'Destructive', 'Financial');

-- CreateEnum
CREATE TYPE "Risk" AS ENUM ('low', 'medium', 'high', 'critical');

-- CreateEnum
CREATE TYPE "IdentityKind" AS ENUM ('agent', 'service', 'person');

-- CreateTable
CREATE TABLE "members" (
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "password_hash" TEXT NOT NULL,
    "roles" "Role"[],
    "disabled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "members_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sessions" (
    "id" UUID NOT NULL,
    "member_id" UUID NOT NULL,
    "source" TEXT NOT NULL,
    "user_agent" TEXT NOT NULL DEFAULT '',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "one_time_links" (
    "id" UUID NOT NULL,
    "purpose" "LinkPurpose" NOT NULL,
    "hash" BYTEA NOT NULL,
    "member_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "consumed_at" TIMESTAMPTZ(3),

    CONSTRAINT "one_time_links_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "attempts" (
    "purpose" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "window_start" TIMESTAMPTZ(3) NOT NULL,
    "count" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "attempts_pkey" PRIMARY KEY ("purpose","subject","window_start")
);

-- CreateTable
CREATE TABLE "servers" (
    "id" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "registry_name" TEXT,
    "title" TEXT NOT NULL,
    "steward_id" UUID,
    "transport" "Transport" NOT NULL,
    "command" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "url" TEXT,
    "allow_private" BOOLEAN NOT NULL DEFAULT false,
    "sealed" BYTEA,
    "environment_names" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "header_names" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "drift" "Drift" NOT NULL DEFAULT 'block',
    "arguments_kept" "ArgumentsKept" NOT NULL DEFAULT 'masked',
    "instructions" TEXT,
    "server_info" JSONB,
    "scanned_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "servers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tools" (
    "id" UUID NOT NULL,
    "server_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "category" "Category" NOT NULL,
    "risk" "Risk" NOT NULL,
    "category_source" TEXT NOT NULL,
    "seen_digest" TEXT,
    "seen_at" TIMESTAMPTZ(3),
    "missing_since" TIMESTAMPTZ(3),
    "pinned_digest" TEXT,
    "approved_at" TIMESTAMPTZ(3),
    "approved_by" TEXT,

    CONSTRAINT "tools_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "definitions" (
    "server_id" UUID NOT NULL,
    "digest" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "content" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "definitions_pkey" PRIMARY KEY ("server_id","digest")
);

-- CreateTable
CREATE TABLE "policies" (
    "id" UUID NOT NULL,
    "server_id" UUID,
    "name" TEXT NOT NULL,
    "draft" TEXT,
    "draft_base" BIGINT,
    "draft_version" INTEGER NOT NULL DEFAULT 0,
    "draft_saved_at" TIMESTAMPTZ(3),
    "draft_saved_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "policies_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "revisions" (
    "number" BIGINT NOT NULL,
    "policy_id" UUID NOT NULL,
    "text" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "note" TEXT NOT NULL DEFAULT '',
    "published_by" TEXT NOT NULL,
    "published_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "revisions_pkey" PRIMARY KEY ("number")
);

-- CreateTable
CREATE TABLE "bundles" (
    "number" BIGINT NOT NULL,
    "digest" TEXT NOT NULL,
    "policies" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "bundles_pkey" PRIMARY KEY ("number")
);

-- CreateTable
CREATE TABLE "enforcement_version" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "version" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "enforcement_version_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "identities" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" "IdentityKind" NOT NULL DEFAULT 'agent',
    "labels" JSONB NOT NULL DEFAULT '{}',
    "steward_id" UUID,
    "disabled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "identities_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "keys" (
    "id" UUID NOT NULL,
    "identity_id" UUID NOT NULL,
    "prefix" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "keys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "grants" (
    "id" UUID NOT NULL,
    "identity_id" UUID NOT NULL,
    "server_id" UUID NOT NULL,
    "tools" TEXT[],
    "until" TIMESTAMPTZ(3),
    "reason" TEXT NOT NULL DEFAULT '',
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "revoked_at" TIMESTAMPTZ(3),
    "revoked_by" TEXT,

    CONSTRAINT "grants_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "decisions" (
    "id" UUID NOT NULL,
    "time" TIMESTAMPTZ(3) NOT NULL,
    "record_version" SMALLINT NOT NULL,
    "proxy" TEXT NOT NULL,
    "identity_id" UUID,
    "identity" TEXT,
    "key_prefix" TEXT,
    "session" TEXT,
    "client_name" TEXT,
    "client_version" TEXT,
    "server" TEXT NOT NULL,
    "method" TEXT NOT NULL,
    "tool" TEXT,
    "category" TEXT,
    "risk" TEXT,
    "effect" TEXT NOT NULL,
    "shadow_effect" TEXT,
    "code" TEXT,
    "rule" TEXT,
    "line" INTEGER,
    "policy" TEXT,
    "message" TEXT,
    "reasons" JSONB NOT NULL,
    "obligations" JSONB NOT NULL,
    "revision" BIGINT,
    "definition_digest" TEXT,
    "arguments" JSONB,
    "masked_paths" TEXT[],
    "argument_digest" TEXT,
    "request_id" TEXT,
    "trace_id" TEXT,
    "decided_in_us" INTEGER,

    CONSTRAINT "decisions_pkey" PRIMARY KEY ("time","id")
) PARTITION BY RANGE ("time");

-- CreateTable
CREATE TABLE "outcomes" (
    "decision_id" UUID NOT NULL,
    "decision_time" TIMESTAMPTZ(3) NOT NULL,
    "record_version" SMALLINT NOT NULL,
    "kind" TEXT NOT NULL,
    "is_error" BOOLEAN NOT NULL DEFAULT false,
    "status" INTEGER,
    "duration_ms" DOUBLE PRECISION,
    "result_bytes" INTEGER,
    "error" TEXT,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "outcomes_pkey" PRIMARY KEY ("decision_time","decision_id")
) PARTITION BY RANGE ("decision_time");

-- CreateTable
CREATE TABLE "decision_hours" (
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "server" TEXT NOT NULL,
    "effect" TEXT NOT NULL,
    "count" BIGINT NOT NULL,

    CONSTRAINT "decision_hours_pkey" PRIMARY KEY ("hour","server","effect")
);

-- CreateTable
CREATE TABLE "decision_tool_hours" (
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "server" TEXT NOT NULL,
    "tool" TEXT NOT NULL,
    "effect" TEXT NOT NULL,
    "count" BIGINT NOT NULL,

    CONSTRAINT "decision_tool_hours_pkey" PRIMARY KEY ("hour","server","tool","effect")
);

-- CreateTable
CREATE TABLE "changes" (
    "id" UUID NOT NULL,
    "time" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor_kind" TEXT NOT NULL,
    "actor_id" TEXT,
    "actor" TEXT NOT NULL,
    "source" TEXT NOT NULL DEFAULT '',
    "action" TEXT NOT NULL,
    "entity" TEXT NOT NULL,
    "entity_id" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "before" JSONB,
    "after" JSONB,

    CONSTRAINT "changes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "proxies" (
    "name" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,
    "stopped_at" TIMESTAMPTZ(3),
    "revision" BIGINT,
    "activated_at" TIMESTAMPTZ(3),
    "status" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "proxies_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "counters" (
    "key" TEXT NOT NULL,
    "window_start" TIMESTAMPTZ(3) NOT NULL,
    "window_end" TIMESTAMPTZ(3) NOT NULL,
    "used" BIGINT NOT NULL,

    CONSTRAINT "counters_pkey" PRIMARY KEY ("key","window_start")
);

-- CreateTable
CREATE TABLE "early_access_requests" (
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "company" TEXT NOT NULL,
    "stack" TEXT NOT NULL,
    "note" TEXT NOT NULL DEFAULT '',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "early_access_requests_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "contact_messages" (
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "contact_messages_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "members_email_key" ON "members"("email");

-- CreateIndex
CREATE INDEX "sessions_member_id_idx" ON "sessions"("member_id");

-- CreateIndex
CREATE UNIQUE INDEX "one_time_links_hash_key" ON "one_time_links"("hash");

-- CreateIndex
CREATE UNIQUE INDEX "servers_slug_key" ON "servers"("slug");

-- CreateIndex
CREATE UNIQUE INDEX "tools_server_id_name_key" ON "tools"("server_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "policies_server_id_key" ON "policies"("server_id");

-- CreateIndex
CREATE UNIQUE INDEX "policies_name_key" ON "policies"("name");

-- CreateIndex
CREATE INDEX "revisions_policy_id_number_idx" ON "revisions"("policy_id", "number" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "identities_name_key" ON "identities"("name");

-- CreateIndex
CREATE UNIQUE INDEX "keys_prefix_key" ON "keys"("prefix");

-- CreateIndex
CREATE UNIQUE INDEX "keys_hash_key" ON "keys"("hash");

-- CreateIndex
CREATE INDEX "keys_identity_id_idx" ON "keys"("identity_id");

-- CreateIndex
CREATE INDEX "grants_identity_id_idx" ON "grants"("identity_id");

-- CreateIndex
CREATE INDEX "grants_server_id_idx" ON "grants"("server_id");

-- CreateIndex
CREATE INDEX "decisions_identity_time_id_idx" ON "decisions"("identity", "time", "id");

-- CreateIndex
CREATE INDEX "decisions_tool_time_id_idx" ON "decisions"("tool", "time", "id");

-- CreateIndex
CREATE INDEX "changes_time_id_idx" ON "changes"("time" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "changes_entity_entity_id_time_idx" ON "changes"("entity", "entity_id", "time" DESC);

-- CreateIndex
CREATE INDEX "counters_window_end_idx" ON "counters"("window_end");

-- CreateIndex
CREATE UNIQUE INDEX "early_access_requests_email_key" ON "early_access_requests"("email");

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_member_id_fkey" FOREIGN KEY ("member_id") REFERENCES "members"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tools" ADD CONSTRAINT "tools_server_id_fkey" FOREIGN KEY ("server_id") REFERENCES "servers"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "definitions" ADD CONSTRAINT "definitions_server_id_fkey" FOREIGN KEY ("server_id") REFERENCES "servers"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "policies" ADD CONSTRAINT "policies_server_id_fkey" FOREIGN KEY ("server_id") REFERENCES "servers"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "revisions" ADD CONSTRAINT "revisions_policy_id_fkey" FOREIGN KEY ("policy_id") REFERENCES "policies"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bundles" ADD CONSTRAINT "bundles_number_fkey" FOREIGN KEY ("number") REFERENCES "revisions"("number") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "keys" ADD CONSTRAINT "keys_identity_id_fkey" FOREIGN KEY ("identity_id") REFERENCES "identities"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "grants" ADD CONSTRAINT "grants_identity_id_fkey" FOREIGN KEY ("identity_id") REFERENCES "identities"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "grants" ADD CONSTRAINT "grants_server_id_fkey" FOREIGN KEY ("server_id") REFERENCES "servers"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- ── Below: what Prisma's language has no words for ──────────────────────────────────────────────────────────────────

-- Partitions. DEFAULT catches a time that no partition covers, so that no record is ever refused for its time.
CREATE TABLE "decisions_default" PARTITION OF "decisions" DEFAULT;
CREATE TABLE "outcomes_default" PARTITION OF "outcomes" DEFAULT;
-- What reviewers ask for most: calls that were not allowed, newest first.
CREATE INDEX "decisions_refused_idx" ON "decisions" ("time", "id") INCLUDE ("tool", "identity") WHERE "effect" <> 'allow';

-- Makes the daily partitions from today to `days_ahead` days ahead; rows that DEFAULT caught meanwhile move along.
CREATE FUNCTION "ensure_partitions"("days_ahead" integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  parent record; part text; lower_bound timestamptz; upper_bound timestamptz; made integer := 0;
BEGIN
  FOR parent IN SELECT * FROM (VALUES ('decisions', 'time'), ('outcomes', 'decision_time')) AS p(name, col) LOOP
    FOR day IN 0..days_ahead LOOP
      lower_bound := (date_trunc('day', now() AT TIME ZONE 'UTC') + make_interval(days => day)) AT TIME ZONE 'UTC';
      upper_bound := lower_bound + interval '1 day';
      part := parent.name || '_' || to_char(lower_bound AT TIME ZONE 'UTC', 'YYYYMMDD');
      IF to_regclass(format('public.%I', part)) IS NULL THEN
        EXECUTE format('CREATE TABLE public.%I (LIKE public.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part, parent.name);
        EXECUTE format('WITH moved AS (DELETE FROM public.%I WHERE %I >= %L AND %I < %L RETURNING *) INSERT INTO public.%I SELECT * FROM moved',
          parent.name || '_default', parent.col, lower_bound, parent.col, upper_bound, part);
        EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)', parent.name, part, lower_bound, upper_bound);
        made := made + 1;
      END IF;
    END LOOP;
  END LOOP;
  RETURN made;
END $$;

-- The record's only door. Takes spool lines as they are; a replayed record changes nothing, roll-ups included.
-- Effects are counted as charts show them: a refusal by a limit is told apart from other refusals.
CREATE FUNCTION "record_calls"("decisions_in" jsonb, "outcomes_in" jsonb) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE inserted integer;
BEGIN
  WITH fresh AS (
    INSERT INTO decisions (id, time, record_version, proxy, identity_id, identity, key_prefix, session, client_name, client_version,
      server, method, tool, category, risk, effect, shadow_effect, code, rule, line, policy, message, reasons, obligations, revision,
      definition_digest, arguments, masked_paths, argument_digest, request_id, trace_id, decided_in_us)
    SELECT d.id, d.time, d.record_version, d.proxy, d.identity_id, d.identity, d.key_prefix, d.session, d.client_name, d.client_version,
      d.server, d.method, d.tool, d.category, d.risk, d.effect, d.shadow_effect, d.code, d.rule, d.line, d.policy, d.message,
      coalesce(d.reasons, '[]'), coalesce(d.obligations, '[]'), d.revision, d.definition_digest, d.arguments,
      coalesce(d.masked_paths, '{}'), d.argument_digest, d.request_id, d.trace_id, d.decided_in_us
    FROM jsonb_to_recordset(decisions_in) AS d(id uuid, time timestamptz, record_version smallint, proxy text, identity_id uuid,
      identity text, key_prefix text, session text, client_name text, client_version text, server text, method text, tool text,
      category text, risk text, effect text, shadow_effect text, code text, rule text, line integer, policy text, message text,
      reasons jsonb, obligations jsonb, revision bigint, definition_digest text, arguments jsonb, masked_paths text[],
      argument_digest text, request_id text, trace_id text, decided_in_us integer)
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

  INSERT INTO outcomes (decision_id, decision_time, record_version, kind, is_error, status, duration_ms, result_bytes, error, recorded_at)
  SELECT o.decision_id, o.decision_time, o.record_version, o.kind, coalesce(o.is_error, false), o.status, o.duration_ms, o.result_bytes,
    o.error, o.recorded_at
  FROM jsonb_to_recordset(outcomes_in) AS o(decision_id uuid, decision_time timestamptz, record_version smallint, kind text,
    is_error boolean, status integer, duration_ms double precision, result_bytes integer, error text, recorded_at timestamptz)
  ON CONFLICT (decision_time, decision_id) DO NOTHING;
  RETURN inserted;
END $$;

-- Reserves every limit of a call or none. Amounts are integer millionths; windows are whole multiples since 1970 UTC by this clock.
-- requests: [{"key","window_seconds","max","cost"}] → {"ok":true,"windows":[epoch seconds]} | {"ok":false,"index","used","resets_at"}
CREATE FUNCTION "reserve_limits"("requests" jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  r record; clock double precision := extract(epoch FROM clock_timestamp()); starts jsonb := '{}'; refused jsonb; start_second bigint; got bigint;
BEGIN
  BEGIN
    -- In the order of keys, so that two calls that share limits cannot wait for each other.
    FOR r IN SELECT (q.ordinality - 1)::integer AS index, q.value->>'key' AS key, (q.value->>'window_seconds')::bigint AS seconds,
        (q.value->>'max')::bigint AS max, (q.value->>'cost')::bigint AS cost
      FROM jsonb_array_elements(requests) WITH ORDINALITY AS q ORDER BY 2, 1 LOOP
      IF r.cost < 0 THEN RAISE EXCEPTION 'cost of % is negative', r.key; END IF;
      start_second := floor(clock / r.seconds)::bigint * r.seconds;
      got := NULL;
      IF r.cost <= r.max THEN
        INSERT INTO counters AS c (key, window_start, window_end, used)
        VALUES (r.key, to_timestamp(start_second), to_timestamp(start_second + r.seconds), r.cost)
        ON CONFLICT (key, window_start) DO UPDATE SET used = c.used + r.cost WHERE c.used + r.cost <= r.max
        RETURNING c.used INTO got;
      END IF;
      IF got IS NULL THEN
        refused := jsonb_build_object('ok', false, 'index', r.index, 'resets_at', start_second + r.seconds,
          'used', coalesce((SELECT c.used FROM counters c WHERE c.key = r.key AND c.window_start = to_timestamp(start_second)), 0));
        RAISE EXCEPTION USING ERRCODE = 'IC001';
      END IF;
      starts := starts || jsonb_build_object(r.index::text, start_second);
    END LOOP;
  EXCEPTION WHEN SQLSTATE 'IC001' THEN
    RETURN refused;
  END;
  RETURN jsonb_build_object('ok', true, 'windows',
    (SELECT coalesce(jsonb_agg(starts->(i::text) ORDER BY i), '[]') FROM generate_series(0, jsonb_array_length(requests) - 1) AS i));
END $$;

-- Gives reserved amounts back into the windows they came from: [{"key","window_start","cost"}], epoch seconds, millionths.
CREATE FUNCTION "refund_limits"("refunds" jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  UPDATE counters c SET used = greatest(0, c.used - r.cost)
  FROM (SELECT key, to_timestamp(window_start) AS window_start, sum(cost)::bigint AS cost
        FROM jsonb_to_recordset(refunds) AS f(key text, window_start bigint, cost bigint) GROUP BY 1, 2) r
  WHERE c.key = r.key AND c.window_start = r.window_start
$$;

-- Used amounts in the current window: [{"key","window_seconds"}] → {"key": millionths}.
CREATE FUNCTION "read_limits"("requests" jsonb) RETURNS jsonb
LANGUAGE sql SECURITY DEFINER STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(jsonb_object_agg(c.key, c.used), '{}')
  FROM jsonb_to_recordset(requests) AS r(key text, window_seconds bigint)
  JOIN counters c ON c.key = r.key
    AND c.window_start = to_timestamp(floor(extract(epoch FROM clock_timestamp()) / r.window_seconds)::bigint * r.window_seconds)
$$;

-- Counters whose window ended an hour ago; a refund goes only into a live one, so nothing needs them.
CREATE FUNCTION "drop_ended_counters"() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE dropped integer;
BEGIN
  DELETE FROM counters WHERE window_end < now() - interval '1 hour';
  GET DIAGNOSTICS dropped = ROW_COUNT;
  RETURN dropped;
END $$;

-- What a proxy says of itself, each few seconds and when it activates a bundle.
CREATE FUNCTION "proxy_heartbeat"("beat" jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  INSERT INTO proxies (name, version, started_at, seen_at, stopped_at, revision, activated_at, status)
  VALUES (beat->>'name', beat->>'version', (beat->>'started_at')::timestamptz, now(), (beat->>'stopped_at')::timestamptz,
    (beat->>'revision')::bigint, (beat->>'activated_at')::timestamptz, coalesce(beat->'status', '{}'))
  ON CONFLICT (name) DO UPDATE SET version = EXCLUDED.version, started_at = EXCLUDED.started_at, seen_at = EXCLUDED.seen_at,
    stopped_at = EXCLUDED.stopped_at, revision = EXCLUDED.revision, activated_at = EXCLUDED.activated_at, status = EXCLUDED.status
$$;

CREATE FUNCTION "mark_keys_used"("key_ids" uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  UPDATE keys SET last_used_at = now() WHERE id = ANY (key_ids) AND (last_used_at IS NULL OR last_used_at < now() - interval '30 seconds')
$$;

-- What a server's tools/list gave, in its order: [{"id","name","digest","content","category","risk","category_source"}].
-- Pins nothing: an unseen tool waits for approval, a changed one shows as drift, an absent one as missing.
CREATE FUNCTION "see_definitions"("of_server" uuid, "seen" jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO definitions (server_id, digest, name, content)
  SELECT of_server, s.digest, s.name, s.content FROM jsonb_to_recordset(seen) AS s(digest text, name text, content jsonb)
  ON CONFLICT (server_id, digest) DO NOTHING;
  INSERT INTO tools AS t (id, server_id, name, position, category, risk, category_source, seen_digest, seen_at)
  SELECT (s.value->>'id')::uuid, of_server, s.value->>'name', s.ordinality, (s.value->>'category')::"Category", (s.value->>'risk')::"Risk",
    s.value->>'category_source', s.value->>'digest', now()
  FROM jsonb_array_elements(seen) WITH ORDINALITY AS s
  ON CONFLICT (server_id, name) DO UPDATE SET position = EXCLUDED.position, seen_digest = EXCLUDED.seen_digest, seen_at = EXCLUDED.seen_at,
    missing_since = NULL
    WHERE t.seen_digest IS DISTINCT FROM EXCLUDED.seen_digest OR t.missing_since IS NOT NULL OR t.position <> EXCLUDED.position;
  UPDATE tools SET missing_since = now() WHERE server_id = of_server AND missing_since IS NULL
    AND name NOT IN (SELECT s.name FROM jsonb_to_recordset(seen) AS s(name text));
END $$;

-- Every change that proxies must see raises one version and notifies it; the payload is the number and nothing else.
INSERT INTO "enforcement_version" ("id", "version") VALUES (1, 0);
CREATE FUNCTION "raise_enforcement_version"() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE raised bigint;
BEGIN
  UPDATE enforcement_version SET version = version + 1 WHERE id = 1 RETURNING version INTO raised;
  PERFORM pg_notify('intercept_enforcement', raised::text);
  RETURN NULL;
END $$;
CREATE TRIGGER "servers_raise" AFTER INSERT OR DELETE OR UPDATE OF slug, transport, command, url, allow_private, sealed, drift, arguments_kept
  ON "servers" FOR EACH STATEMENT EXECUTE FUNCTION raise_enforcement_version();
-- By row, since a proxy that sees the same list again changes nothing.
CREATE TRIGGER "tools_raise" AFTER INSERT OR DELETE OR UPDATE OF category, risk, seen_digest, missing_since, pinned_digest
  ON "tools" FOR EACH ROW EXECUTE FUNCTION raise_enforcement_version();
CREATE TRIGGER "identities_raise" AFTER INSERT OR DELETE OR UPDATE ON "identities" FOR EACH STATEMENT EXECUTE FUNCTION raise_enforcement_version();
CREATE TRIGGER "keys_raise" AFTER INSERT OR DELETE OR UPDATE OF hash, expires_at, revoked_at
  ON "keys" FOR EACH STATEMENT EXECUTE FUNCTION raise_enforcement_version();
CREATE TRIGGER "grants_raise" AFTER INSERT OR DELETE OR UPDATE ON "grants" FOR EACH STATEMENT EXECUTE FUNCTION raise_enforcement_version();
CREATE TRIGGER "bundles_raise" AFTER INSERT OR DELETE OR UPDATE ON "bundles" FOR EACH STATEMENT EXECUTE FUNCTION raise_enforcement_version();

-- ── Rights (DESIGN §6). Two roles without sign-in; prisma/migrate.ts makes the roles that sign in members of them. ──────
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'intercept_console') THEN CREATE ROLE "intercept_console" NOLOGIN; END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'intercept_proxy') THEN CREATE ROLE "intercept_proxy" NOLOGIN; END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO "intercept_console", "intercept_proxy";

GRANT SELECT ON "servers", "tools", "definitions", "bundles", "enforcement_version", "identities", "keys", "grants" TO "intercept_proxy";
GRANT EXECUTE ON FUNCTION "record_calls"(jsonb, jsonb), "reserve_limits"(jsonb), "refund_limits"(jsonb), "read_limits"(jsonb),
  "proxy_heartbeat"(jsonb), "mark_keys_used"(uuid[]), "see_definitions"(uuid, jsonb) TO "intercept_proxy";

GRANT SELECT, INSERT, UPDATE, DELETE ON "members", "sessions", "one_time_links", "attempts", "servers", "tools", "policies", "identities",
  "keys", "grants", "early_access_requests", "contact_messages" TO "intercept_console";
GRANT SELECT, INSERT ON "definitions", "revisions", "bundles", "changes" TO "intercept_console";
GRANT SELECT ON "decisions", "outcomes", "decision_hours", "decision_tool_hours", "proxies", "counters", "enforcement_version" TO "intercept_console";
GRANT EXECUTE ON FUNCTION "see_definitions"(uuid, jsonb) TO "intercept_console";
