export type RequestId = string | number

/** What the shim has to know of a message; the proxy reads and judges the rest. */
export interface Envelope {
  /** null in notifications, and in what cannot be read. */
  readonly id: RequestId | null
  /** null in answers, and in what cannot be read. */
  readonly method: string | null
  readonly body: Record<string, unknown>
}

/** Reads a message's envelope. What is no object is passed on all the same: the proxy refuses and records it. */
export function readEnvelope(text: string): Envelope {
  const body = parseObject(text)
  const { id, method } = body
  return {
    id: typeof id === 'string' || typeof id === 'number' ? id : null,
    method: typeof method === 'string' ? method : null,
    body,
  }
}

export function parseObject(text: string): Record<string, unknown> {
  try {
    return objectOf(JSON.parse(text))
  } catch {
    return {}
  }
}

export function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}

/** One message on one line. Between the tokens of JSON a line break is white space, and inside them it cannot stand. */
export function onOneLine(text: string): string {
  return /[\r\n]/.test(text) ? text.replace(/[\r\n]+/g, ' ') : text
}

export function errorLine(id: RequestId, message: string): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32_000, message } })
}

export function notificationLine(method: string): string {
  return JSON.stringify({ jsonrpc: '2.0', method })
}
