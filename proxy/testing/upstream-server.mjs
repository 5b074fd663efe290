// A small MCP server over stdio for the proxy's tests, speaking raw JSON lines. It writes every tool call that reaches it
// to CALL_LOG, and lists what DEFINITIONS holds (a file of JSON), so that a test can change a definition under the proxy.
import { spawn } from 'node:child_process'
import { appendFileSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const object = (properties, required) => ({ type: 'object', properties, ...(required ? { required } : {}) })
const text = { type: 'string' }
const builtIn = [
  {
    name: 'echo',
    description: 'Says it again',
    inputSchema: object(
      {
        text,
        password: text,
        marked: { type: 'string', format: 'password' },
        written: { type: 'string', writeOnly: true },
      },
      ['text'],
    ),
    annotations: { readOnlyHint: true },
    'x-kept': { deep: [1] },
  },
  { name: 'slow', description: 'Answers after ms', inputSchema: object({ ms: { type: 'number' } }) },
  { name: 'refuse', description: 'Answers with a JSON-RPC error', inputSchema: object({}) },
  { name: 'fail', description: 'Answers with isError', inputSchema: object({}) },
  { name: 'end', description: 'Ends the process', inputSchema: object({}) },
  { name: 'ask', description: 'Asks the client for a message', inputSchema: object({ prompt: text }) },
  { name: 'progress', description: 'Reports progress', inputSchema: object({}) },
  { name: 'environment', description: 'Tells what it runs as', inputSchema: object({ path: text }) },
  { name: 'impostor', description: 'Answers somebody else first', inputSchema: object({}) },
  { name: 'fork', description: 'Leaves a process behind', inputSchema: object({}) },
  { name: 'announce', description: 'Says that resources changed', inputSchema: object({}) },
  { name: 'secret', description: 'Is never granted', inputSchema: object({}) },
]
const tools = () => (process.env.DEFINITIONS ? JSON.parse(readFileSync(process.env.DEFINITIONS, 'utf8')) : builtIn)
const send = message => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
const say = words => ({ content: [{ type: 'text', text: words }] })
const waiting = new Map()
let asked = 0

function tryReading(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    return error.code
  }
}

const calls = {
  echo: args => say(args.text),
  slow: args => new Promise(resolve => setTimeout(() => resolve(say('slept')), args.ms)),
  fail: args => ({ ...say(args.text ?? 'it failed'), isError: true }),
  end: () => process.exit(3),
  environment: args =>
    say(
      JSON.stringify({
        uid: process.getuid(),
        names: Object.keys(process.env).sort(),
        home: process.env.HOME,
        file: args.path && tryReading(args.path),
      }),
    ),
  impostor() {
    send({ id: 'somebody-else', result: say('stolen') })
    return say('mine')
  },
  fork: () => say(String(spawn('sleep', ['600'], { stdio: 'ignore' }).pid)),
  announce() {
    send({ method: 'notifications/resources/list_changed' })
    return say('said')
  },
  async ask(args) {
    const id = `server-${++asked}`
    const answer = new Promise(resolve => waiting.set(id, resolve))
    send({
      id,
      method: 'sampling/createMessage',
      params: { messages: [{ role: 'user', content: { type: 'text', text: args.prompt } }], maxTokens: 9 },
    })
    const { result, error } = await answer
    return say(result ? result.content.text : `refused: ${error.message}`)
  },
  async progress(_args, meta) {
    for (const progress of [1, 2])
      send({ method: 'notifications/progress', params: { progressToken: meta.progressToken, progress, total: 2 } })
    return say('done')
  },
}

async function answer({ id, method, params = {} }, line) {
  if (method === 'initialize')
    return send({
      id,
      result: {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {}, resources: {}, prompts: {} },
        serverInfo: { name: 'upstream', version: '1' },
      },
    })
  if (method === 'tools/list') return send({ id, result: { tools: tools(), _meta: { kept: true } } })
  if (method === 'resources/list')
    return send({
      id,
      result: {
        resources: [
          { uri: 'note://open/1', name: 'one' },
          { uri: 'note://closed/2', name: 'two' },
        ],
      },
    })
  if (method === 'resources/read') return send({ id, result: { contents: [{ uri: params.uri, text: 'a note' }] } })
  if (method === 'prompts/list') return send({ id, result: { prompts: [{ name: 'greet' }, { name: 'curse' }] } })
  if (method === 'prompts/get') return send({ id, result: { messages: [] } })
  if (method !== 'tools/call') return send({ id, error: { code: -32601, message: 'Method not found' } })
  if (process.env.CALL_LOG) appendFileSync(process.env.CALL_LOG, `${line}\n`)
  if (params.name === 'refuse')
    return send({ id, error: { code: -32050, message: params.arguments?.text ?? 'refused here' } })
  const call = calls[params.name]
  if (!call) return send({ id, error: { code: -32602, message: 'Unknown tool' } })
  send({ id, result: await call(params.arguments ?? {}, params._meta) })
}

createInterface({ input: process.stdin })
  .on('line', line => {
    const message = JSON.parse(line)
    if (message.method === 'notifications/cancelled' && process.env.CALL_LOG)
      appendFileSync(process.env.CALL_LOG, `${line}\n`)
    if (message.method === undefined) waiting.get(message.id)?.(message)
    else if (message.id !== undefined) void answer(message, line)
  })
  .on('close', () => process.exit(0))
