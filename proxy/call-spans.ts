import type * as Api from '@opentelemetry/api'
import type { Attributes, Context, Span, Tracer } from '@opentelemetry/api'
import { maskSecrets } from '@/lib/audit/secret-shapes'
import { kindOfName } from '@/lib/policy'
import type { Asked, Caller } from './asked'
import type { CallDecision } from './call-decision'
import type { CallOutcome } from './decision-writer'
import type { EnforcedServer } from './enforcement'
import { traceHeaders } from './mcp/trace-context'
import type { CallSpan, TraceContext, Tracing } from './tracing'

type Transport = 'tcp' | 'pipe'

/** What the caller may not see: its name came from the caller alone, and would make span names without end. */
const UNKNOWN = new Set(['unknown_tool', 'hidden', 'no_grant', 'not_available', 'malformed'])

/**
 * Spans of calls by the semantic conventions for MCP (open-telemetry/semantic-conventions-genai, docs/gen-ai/mcp.md): one of
 * kind server for what the client asked, one of kind client inside it for what the server did. Arguments and results are never
 * in them, and addresses of resources are arguments.
 */
export class CallTracing implements Tracing {
  constructor(
    private readonly api: typeof Api,
    private readonly tracer: Tracer,
    private readonly transport: Transport,
    /** Called for each span that ends and is to be exported. */
    private readonly onEnd: () => void,
    readonly close: () => Promise<void>,
  ) {}

  begin(caller: Caller, asked: Asked): CallSpan {
    const { api, tracer } = this
    const attributes = {
      ...commonAttributes(caller, asked),
      'network.transport': this.transport,
      'intercept.server': caller.server,
      'intercept.identity': caller.identity.name,
    }
    const given = traceHeaders(asked.params)
    const parent = this.#parentOf(given)
    const span = tracer.startSpan(asked.method, { kind: api.SpanKind.SERVER, attributes }, parent)
    return new Spans(api, tracer, span, asked, commonAttributes(caller, asked), given.tracestate, this.onEnd)
  }

  #parentOf({ traceparent, tracestate }: Record<string, string>): Context {
    const { ROOT_CONTEXT, trace, createTraceState } = this.api
    const [, traceId, spanId, flags] = traceparent?.split('-') ?? []
    if (!traceId || !spanId || !flags) return ROOT_CONTEXT
    const traceFlags = Number.parseInt(flags, 16) & 1
    const state = tracestate === undefined ? {} : { traceState: createTraceState(tracestate) }
    return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true, ...state })
  }
}

class Spans implements CallSpan {
  #forwarded: Span | null = null

  constructor(
    private readonly api: typeof Api,
    private readonly tracer: Tracer,
    private readonly span: Span,
    private readonly asked: Asked,
    private readonly common: Attributes,
    private readonly tracestate: string | undefined,
    private readonly onEnd: () => void,
  ) {}

  get traceId(): string {
    return this.span.spanContext().traceId
  }

  decided({ effect, code, reasons }: CallDecision, id: string, revision: number | null): void {
    const { span, asked } = this
    if (!span.isRecording()) return
    if (!UNKNOWN.has(code ?? '')) span.updateName(nameOf(asked))
    const rule = reasons[0]?.rule
    span.setAttributes({
      'intercept.effect': effect,
      'intercept.decision.id': id,
      ...(code === null ? {} : { 'intercept.code': code }),
      ...(rule ? { 'intercept.rule': maskSecrets(rule) } : {}),
      ...(revision === null ? {} : { 'intercept.revision': revision }),
    })
    if (effect !== 'allow') this.#fail(span, code ?? 'policy_denied')
  }

  forwarding(server: EnforcedServer | undefined): TraceContext {
    const { api, tracer, span, asked, common, tracestate } = this
    const context = api.trace.setSpan(api.ROOT_CONTEXT, span)
    const attributes = { ...common, ...(server ? placeOf(server) : {}) }
    const forwarded = tracer.startSpan(nameOf(asked), { kind: api.SpanKind.CLIENT, attributes }, context)
    this.#forwarded = forwarded
    const { traceId, spanId, traceFlags } = forwarded.spanContext()
    return { traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`, tracestate }
  }

  answered({ kind, isError, status }: CallOutcome): void {
    const problem = kind === 'result' ? (isError ? 'tool_error' : null) : String(status ?? kind)
    for (const span of [this.#forwarded, this.span]) {
      if (!span || problem === null) continue
      this.#fail(span, problem)
      if (kind === 'error' && typeof status === 'number') span.setAttribute('rpc.response.status_code', String(status))
    }
  }

  end(): void {
    for (const span of [this.#forwarded, this.span]) {
      if (span?.isRecording()) this.onEnd()
      span?.end()
    }
  }

  #fail(span: Span, type: string): void {
    span.setAttribute('error.type', type)
    span.setStatus({ code: this.api.SpanStatusCode.ERROR })
  }
}

function commonAttributes({ sessionId, protocolVersion }: Caller, { method, name, requestId }: Asked): Attributes {
  const version = protocolVersion?.() ?? null
  return {
    'mcp.method.name': method,
    'jsonrpc.request.id': maskSecrets(String(requestId)),
    ...(sessionId === null ? {} : { 'mcp.session.id': sessionId }),
    ...(version === null ? {} : { 'mcp.protocol.version': version }),
    ...(method === 'tools/call'
      ? { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': maskSecrets(name) }
      : {}),
    ...(method === 'prompts/get' ? { 'gen_ai.prompt.name': maskSecrets(targetOf(name)) } : {}),
  }
}

function nameOf({ method, name }: Asked): string {
  const hasTarget = method === 'tools/call' || method === 'prompts/get'
  return hasTarget ? `${method} ${maskSecrets(targetOf(name)).slice(0, 128)}` : method
}

/** `prompts/greet` is the prompt `greet`. */
function targetOf(name: string): string {
  return kindOfName(name) === 'prompt' ? name.slice(name.indexOf('/') + 1) : name
}

function placeOf({ transport, url }: EnforcedServer): Attributes {
  if (transport === 'stdio') return { 'network.transport': 'pipe' }
  const place = { 'network.transport': 'tcp', 'network.protocol.name': 'http' }
  if (!url || !URL.canParse(url)) return place
  const { hostname, port, protocol } = new URL(url)
  return { ...place, 'server.address': hostname, 'server.port': Number(port || (protocol === 'https:' ? 443 : 80)) }
}
