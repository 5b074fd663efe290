import { callBody, HEADERS, type Target } from './wrk'

const INITIALIZE =
  '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}'
const INITIALIZED = '{"jsonrpc":"2.0","method":"notifications/initialized"}'

/**
 * Begins sessions there and makes one call in the last, to see that calls are allowed and answered.
 * @throws Error when they are not
 */
export async function beginSessions(url: string, count: number, key?: string): Promise<Target> {
  const sessions: string[] = []
  for (let i = 0; i < count; i++) {
    const answer = await post(url, INITIALIZE, { key })
    const session = answer.headers.get('mcp-session-id')
    await answer.text()
    if (!answer.ok) throw new Error(`${url} began no session: HTTP ${answer.status}.`)
    // Where there are no sessions, one is enough.
    if (session === null) break
    await (await post(url, INITIALIZED, { key, session })).text()
    sessions.push(session)
  }
  const answer = await post(url, callBody('"first"'), { key, session: sessions.at(-1) })
  const text = await answer.text()
  if (!answer.ok || !text.includes('The workflow has answered') || text.includes('"isError":true'))
    throw new Error(`${url} did not answer a call: HTTP ${answer.status}: ${text.slice(0, 300)}`)
  return { url, sessions, key }
}

function post(url: string, body: string, { key, session }: { key?: string; session?: string }): Promise<Response> {
  const headers: Record<string, string> = { ...HEADERS }
  if (key) headers.authorization = `Bearer ${key}`
  if (session) headers['mcp-session-id'] = session
  return fetch(url, { method: 'POST', body, headers })
}
