// Compares a server reached directly with the same server reached through a proxy, at raw JSON level (no SDK client, no GET stream).
// usage: node fidelity.mjs <directUrl> <proxyUrl> [bearer]   exit 1 on any difference. Own code, free to copy.
const [direct, proxied, bearer] = process.argv.slice(2)
class Raw {
  // minimal Streamable HTTP client, 2025-11-25 wire, POST streams only
  constructor(url, auth) {
    this.url = url
    this.auth = auth
    this.id = 0
  }
  headers() {
    return {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(this.sid && { 'mcp-session-id': this.sid, 'mcp-protocol-version': this.ver }),
      ...(this.auth && { authorization: `Bearer ${this.auth}` }),
    }
  }
  async post(msg, onmsg, signal) {
    const res = await fetch(this.url, {
      method: 'POST',
      headers: this.headers(),
      body: typeof msg === 'string' ? msg : JSON.stringify(msg),
      signal,
    })
    this.sid ??= res.headers.get('mcp-session-id') ?? undefined
    const out = { status: res.status, type: (res.headers.get('content-type') ?? '').split(';')[0], messages: [] }
    if (out.type === 'application/json') {
      const t = await res.text()
      try {
        out.messages.push(JSON.parse(t))
      } catch {
        out.text = t
      }
      return out
    }
    if (out.type !== 'text/event-stream') {
      await res.text()
      return out
    }
    let buf = ''
    for await (const c of res.body.pipeThrough(new TextDecoderStream())) {
      buf += c
      let i
      while ((i = buf.indexOf('\n\n')) >= 0) {
        const ev = buf.slice(0, i)
        buf = buf.slice(i + 2)
        const data = ev
          .split('\n')
          .filter(l => l.startsWith('data:'))
          .map(l => l.slice(5).trimStart())
          .join('\n')
        if (data) {
          const m = JSON.parse(data)
          out.messages.push(m)
          await onmsg?.(m)
        }
      }
    }
    return out
  }
  async init(
    capabilities = { sampling: {}, elicitation: { form: {}, url: {} }, roots: { listChanged: true } },
    version = '2025-11-25',
  ) {
    const r = await this.post({
      jsonrpc: '2.0',
      id: 'init',
      method: 'initialize',
      params: {
        protocolVersion: version,
        capabilities,
        clientInfo: { name: 'fidelity', title: 'F', version: '1', websiteUrl: 'https://x.test', description: 'd' },
      },
    })
    this.ver = r.messages.at(-1)?.result?.protocolVersion ?? version
    this.initRes = r
    await this.post({ jsonrpc: '2.0', method: 'notifications/initialized' })
    return r
  }
  call(method, params, onmsg, id = ++this.id) {
    return this.post({ jsonrpc: '2.0', id, method, ...(params !== undefined && { params }) }, onmsg)
  }
}
const answer = c => async m => {
  if (m.method === undefined || m.id === undefined) return
  const result = {
    'sampling/createMessage': {
      role: 'assistant',
      model: 'm',
      content: { type: 'text', text: `echo:${m.params?.messages?.[0]?.content?.text}` },
    },
    'elicitation/create': { action: 'accept', content: { username: 'u', email: 'e@x' } },
    'roots/list': { roots: [{ uri: 'file:///r', name: 'r' }] },
  }[m.method]
  const r = await c.post({ jsonrpc: '2.0', id: m.id, result })
  if (r.status !== 202) throw new Error(`answer status ${r.status}`)
}
const T = (name, args = {}, meta) => ['tools/call', { name, arguments: args, ...(meta && { _meta: meta }) }]
const CASES = [
  ['tools/list'],
  ['tools/list', {}],
  ['tools/list', { cursor: 'bogus' }],
  ['resources/list', {}],
  ['resources/templates/list', {}],
  ['resources/read', { uri: 'test://static-text' }],
  ['resources/read', { uri: 'test://static-binary' }],
  ['resources/read', { uri: 'test://template/9/data' }],
  ['resources/read', { uri: 'test://nope' }],
  ['resources/subscribe', { uri: 'test://watched-resource' }],
  ['resources/unsubscribe', { uri: 'test://watched-resource' }],
  ['prompts/list', {}],
  ['prompts/get', { name: 'test_prompt_with_arguments', arguments: { arg1: 'a', arg2: 'b' } }],
  ['prompts/get', { name: 'nope' }],
  [
    'completion/complete',
    {
      ref: { type: 'ref/prompt', name: 'test_prompt_with_arguments' },
      argument: { name: 'arg1', value: 'pa' },
      context: { arguments: { z: '1' } },
    },
  ],
  ['logging/setLevel', { level: 'debug' }],
  ['ping'],
  ['no/such/method', { a: 1 }],
  T('test_simple_text'),
  T(
    'test_simple_text',
    {},
    { traceparent: '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01', 'com.example/k': { deep: [1] } },
  ),
  T('test_image_content'),
  T('test_audio_content'),
  T('test_embedded_resource'),
  T('test_multiple_content_types'),
  T('test_tool_with_logging'),
  T('test_error_handling'),
  T('test_tool_with_progress', {}, { progressToken: 'tok-α' }),
  T('test_tool_with_progress', {}, { progressToken: 0 }),
  T('test_sampling', { prompt: 'hi' }),
  T('test_elicitation', { message: 'm' }),
  T('test_elicitation_sep1034_defaults'),
  T('test_elicitation_sep1330_enums'),
  T('test_roots'),
  T('test_structured'),
  T('nope_tool'),
  T('json_schema_2020_12_tool', {
    name: '\u0000\u2028é💥',
    big: 9007199254740992,
    neg: -0.1,
    nested: { __proto__x: 1, constructor: { a: null } },
    empty: {},
    arr: [],
  }),
]
const RAW = [
  ['batch array', '[{"jsonrpc":"2.0","id":1,"method":"ping"}]'],
  ['invalid JSON', '{"jsonrpc":'],
  ['no method', '{"jsonrpc":"2.0","id":5}'],
  ['id null', '{"jsonrpc":"2.0","id":null,"method":"ping"}'],
  ['id fractional', '{"jsonrpc":"2.0","id":1.5,"method":"ping"}'],
  ['id string', '{"jsonrpc":"2.0","id":"a/b c","method":"ping"}'],
  ['params array', '{"jsonrpc":"2.0","id":6,"method":"tools/call","params":["x"]}'],
  ['extra top-level key', '{"jsonrpc":"2.0","id":7,"method":"ping","extra":1}'],
  [
    'duplicate name key',
    '{"jsonrpc":"2.0","id":8,"method":"tools/call","params":{"name":"nope_tool","name":"test_simple_text","arguments":{}}}',
  ],
  [
    '__proto__ in args',
    '{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"json_schema_2020_12_tool","arguments":{"__proto__":{"polluted":1},"a":1}}}',
  ],
  [
    '__proto__ in params',
    '{"jsonrpc":"2.0","id":10,"method":"tools/call","params":{"name":"test_simple_text","arguments":{},"__proto__":{"name":"x"}}}',
  ],
]
const stable = v =>
  JSON.stringify(v, (_k, x) =>
    x && typeof x === 'object' && !Array.isArray(x)
      ? Object.fromEntries(Object.entries(x).sort(([a], [b]) => (a < b ? -1 : 1)))
      : x,
  )
const norm = r => ({
  status: r.status,
  messages: r.messages.map(m => {
    const c = structuredClone(m)
    if (c.method && c.id !== undefined) c.id = '<srv>'
    return stable(c)
  }),
  text: r.text,
}) // server-request ids may be remapped by a proxy
const withT = (p, ms = 8000) => Promise.race([p, new Promise((_, n) => setTimeout(() => n(new Error('timeout')), ms))])
const [a, b] = [new Raw(direct), new Raw(proxied, bearer)]
let bad = 0,
  ok = 0
const cmp = (name, x, y) => {
  const [p, q] = [stable(x), stable(y)]
  if (p === q) ok++
  else {
    bad++
    console.log(`DIFF ${name}\n  direct  ${p.slice(0, 500)}\n  proxied ${q.slice(0, 500)}`)
  }
}
cmp('initialize', norm(await a.init()), norm(await b.init()))
for (const [m, p] of CASES) {
  const r = await Promise.all([a, b].map(c => withT(c.call(m, p, answer(c))).then(norm, e => ({ error: e.message }))))
  cmp(`${m} ${JSON.stringify(p ?? null).slice(0, 80)}`, ...r)
}
for (const [n, body] of RAW) {
  const r = await Promise.all([a, b].map(c => withT(c.post(body)).then(norm, e => ({ error: e.message }))))
  cmp(`raw ${n}`, ...r)
}
// 12 concurrent calls that each need a server->client request on their own POST stream
const many = c =>
  withT(
    Promise.all(
      Array.from({ length: 12 }, async (_, i) => {
        const seen = []
        const r = await c.call(
          ...T('test_sampling', { prompt: `p${i}` }),
          async m => {
            if (m.method) seen.push(m.params.messages[0].content.text)
            await answer(c)(m)
          },
          `par${i}`,
        )
        return [r.messages.at(-1).result.content[0].text, seen.join()]
      }),
    ),
    15000,
  ).catch(e => e.message)
cmp('12 concurrent sampling calls, stream affinity', await many(a), await many(b))
// cancellation by notification: no response is expected; stream must end or stay silent
const cancel = async c => {
  const ac = new AbortController()
  const p = c
    .post(
      { jsonrpc: '2.0', id: 'slow', method: 'tools/call', params: { name: 'test_slow', arguments: { ms: 1500 } } },
      undefined,
      ac.signal,
    )
    .then(
      r => r.messages.length,
      () => 'open',
    )
  await new Promise(r => setTimeout(r, 150))
  await c.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'slow', reason: 'user' } })
  setTimeout(() => ac.abort(), 2500)
  return p
}
cmp('notifications/cancelled', await cancel(a), await cancel(b))
const verb = async (c, method, h = {}) => {
  const ac = new AbortController()
  setTimeout(() => ac.abort(), 1500)
  const r = await fetch(c.url, { method, headers: { ...c.headers(), ...h }, signal: ac.signal })
  const out = [r.status, (r.headers.get('content-type') ?? '').split(';')[0]]
  ac.abort()
  return out
}
cmp(
  'GET stream',
  await verb(a, 'GET', { accept: 'text/event-stream' }),
  await verb(b, 'GET', { accept: 'text/event-stream' }),
)
cmp(
  'GET without Accept',
  await verb(a, 'GET', { accept: 'application/json' }),
  await verb(b, 'GET', { accept: 'application/json' }),
)
cmp(
  'bad protocol version header',
  await verb(a, 'GET', { accept: 'text/event-stream', 'mcp-protocol-version': '1999-01-01' }),
  await verb(b, 'GET', { accept: 'text/event-stream', 'mcp-protocol-version': '1999-01-01' }),
)
cmp(
  'unknown session',
  await verb(a, 'DELETE', { 'mcp-session-id': 'nope' }),
  await verb(b, 'DELETE', { 'mcp-session-id': 'nope' }),
)
cmp('PUT', await verb(a, 'PUT'), await verb(b, 'PUT'))
cmp('DELETE session', await verb(a, 'DELETE'), await verb(b, 'DELETE'))
cmp('use after DELETE', (await a.call('ping')).status, (await b.call('ping')).status)
for (const v of ['2025-06-18', '2025-03-26', '2024-11-05', '2024-10-07', '1999-01-01', '2026-07-28']) {
  const go = async (u, k) => {
    const c = new Raw(u, k)
    const r = await c.init({}, v)
    return [r.status, r.messages.at(-1)?.result?.protocolVersion]
  }
  cmp(`initialize ${v}`, await go(direct), await go(proxied, bearer))
}
console.log(`${ok} same, ${bad} different`)
process.exit(bad ? 1 : 0)
