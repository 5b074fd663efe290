import { randomUUID } from 'node:crypto'
import { DEFAULT_DEADLINES } from '@/lib/catalogue/model'
import type { JsonValue } from '@/lib/policy'
import { CallMap } from '../call-map'
import type { EnforcedServer } from '../enforcement'
import type { RequestId, ResponseMessage } from './messages'
import type { UpstreamFailure } from './upstream'

/** How a request that went one way came back. */
export type Reply =
  | { readonly kind: 'response'; readonly message: ResponseMessage; readonly text: string }
  | { readonly kind: 'failure'; readonly failure: UpstreamFailure; readonly isCancelled: boolean }

interface Waiting {
  readonly settle: (reply: Reply) => void
  readonly progressToken: JsonValue | undefined
  readonly since: number
  heardAt: number
  cancelledAt: number | null
}

/** Longest silence of a request that an answer is awaited for, its whole time, and the grace after a cancellation. */
export const DEADLINES = {
  idleMs: DEFAULT_DEADLINES.idleSeconds * 1000,
  totalMs: DEFAULT_DEADLINES.seconds * 1000,
  cancelledMs: 10_000,
}

export interface Deadlines {
  readonly idleMs: number
  readonly totalMs: number
}

/** What a server's steward has set, else what suits tools that work long. Looked after every few seconds. */
export function deadlinesOf(server: Pick<EnforcedServer, 'idleDeadlineSeconds' | 'deadlineSeconds'>): Deadlines {
  const { idleDeadlineSeconds, deadlineSeconds } = server
  return {
    idleMs: idleDeadlineSeconds ? idleDeadlineSeconds * 1000 : DEADLINES.idleMs,
    totalMs: deadlineSeconds ? deadlineSeconds * 1000 : DEADLINES.totalMs,
  }
}

/** Requests that wait for an answer from the other side, by id. */
export class Pending {
  readonly #waiting = new CallMap<RequestId, Waiting>()

  /** @param deadlines as they are now, since they may be changed while requests wait */
  constructor(private readonly deadlines: () => Deadlines = () => DEADLINES) {}

  get size(): number {
    return this.#waiting.size
  }

  has(id: RequestId): boolean {
    return this.#waiting.has(id)
  }

  /** Resolves when the request is settled; never rejects. */
  wait(id: RequestId, progressToken?: JsonValue): Promise<Reply> {
    const now = Date.now()
    return new Promise(settle => {
      this.#waiting.set(id, { settle, progressToken, since: now, heardAt: now, cancelledAt: null })
    })
  }

  /** False when nothing waits under that id: an answer to nobody, or a second one. */
  answer(message: ResponseMessage, text: string): boolean {
    return message.id !== null && this.#settle(message.id, { kind: 'response', message, text })
  }

  fail(id: RequestId, failure: UpstreamFailure, isCancelled = false): boolean {
    return this.#settle(id, { kind: 'failure', failure, isCancelled })
  }

  failAll(message: string): void {
    for (const id of this.#waiting.keys()) this.fail(id, { wasSent: true, status: null, message })
  }

  /** The request is to be given up; false when it is not under way. */
  cancel(id: RequestId): boolean {
    const waiting = this.#waiting.get(id)
    if (waiting) waiting.cancelledAt ??= Date.now()
    return waiting !== undefined
  }

  /** A sign of life for a request. */
  hear(id: RequestId): void {
    const waiting = this.#waiting.get(id)
    if (waiting) waiting.heardAt = Date.now()
  }

  /** The request that asked for progress under this token. */
  byProgressToken(token: JsonValue | undefined): RequestId | null {
    if (token === undefined) return null
    for (const [id, waiting] of this.#waiting) if (waiting.progressToken === token) return id
    return null
  }

  /** The request that came last, of those that a client waits for. */
  latest(): RequestId | null {
    let last: RequestId | null = null
    for (const id of this.#waiting.keys()) if (!isOwnId(id)) last = id
    return last
  }

  /** Gives up what is past its deadline. */
  sweep(now: number): void {
    const { idleMs, totalMs } = this.deadlines()
    for (const [id, { since, heardAt, cancelledAt }] of this.#waiting) {
      if (cancelledAt !== null && now - cancelledAt > DEADLINES.cancelledMs)
        this.fail(id, { wasSent: true, status: null, message: 'Cancelled by the client.' }, true)
      else if (now - heardAt > idleMs || now - since > totalMs)
        this.fail(id, { wasSent: true, status: null, message: 'The server did not answer in time.' })
    }
  }

  #settle(id: RequestId, reply: Reply): boolean {
    const waiting = this.#waiting.take(id)
    waiting?.settle(reply)
    return waiting !== undefined
  }
}

const OWN = `intercept-${randomUUID()}-`
let ownCount = 0

/** An id for a request of the proxy's own; nobody outside can guess one. */
export function ownId(): string {
  return `${OWN}${++ownCount}`
}

export function isOwnId(id: RequestId): boolean {
  return typeof id === 'string' && id.startsWith(OWN)
}
