import { isJsonObject, type JsonObject } from '@/lib/policy'
import { refusedBy } from './call-decision'
import type { RecordedCall, RecordedCaller } from './decision-writer'
import type { Denial } from './denial'
import type { Enforcer } from './enforce'
import type { Enforcement } from './enforcement'
import { Floods } from './floods'

/** What is known of a message that could not be judged. */
export interface Unreadable {
  readonly method: string | null
  readonly params: JsonObject | null
  readonly requestId: string | number | null
}

const MINUTE_MS = 60_000
const NOBODY: RecordedCaller = {
  identityId: null,
  identity: null,
  keyPrefix: null,
  session: null,
  clientName: null,
  clientVersion: null,
}

/** Refusals before anything can be judged: recorded like calls, and bounded, so that a flood is no lever. */
export class Refusals {
  /** By the address that they came from: the server that was asked for. */
  readonly #floods = new Floods<string>()
  #timer: NodeJS.Timeout | null = null

  constructor(
    private readonly enforcer: Enforcer,
    private readonly enforcement: () => Enforcement | null,
  ) {}

  start(): void {
    this.#timer = setInterval(() => this.#countTheRest(), MINUTE_MS)
    this.#timer.unref()
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer)
    this.#countTheRest()
  }

  /** A message of a known caller that is not one readable message. */
  malformed(caller: RecordedCaller, server: string, what: Unreadable, problem: string): Promise<Denial> {
    const name = typeof what.params?.name === 'string' ? what.params.name : null
    const args = isJsonObject(what.params?.arguments) ? what.params.arguments : null
    const call = { ...this.#call(caller, server, what.method ?? '(unreadable)'), name, args, requestId: what.requestId }
    return this.enforcer.refuse(call, refusedBy('(message)', 'malformed', problem))
  }

  /** A method that this proxy does not judge, and so does not forward. */
  unknownMethod(caller: RecordedCaller, server: string, what: Unreadable): Promise<Denial> {
    const call = { ...this.#call(caller, server, what.method ?? ''), requestId: what.requestId }
    const message = `The method "${what.method}" is not carried.`
    return this.enforcer.refuse(call, refusedBy('(message)', 'not_available', message))
  }

  /** A task that no call of this session has made: another's, or none at all. */
  unknownTask(caller: RecordedCaller, server: string, what: Unreadable, taskId: string): Promise<Denial> {
    const args = { taskId: taskId.slice(0, 256) }
    const call = { ...this.#call(caller, server, what.method ?? ''), args, requestId: what.requestId }
    return this.enforcer.refuse(call, refusedBy('(task)', 'not_available', 'No call of this session made this task.'))
  }

  /** A session that could not begin, since its identity or this proxy has as many as it may. */
  overloaded(caller: RecordedCaller, server: string, what: Unreadable, problem: string): Promise<Denial> {
    const call = { ...this.#call(caller, server, what.method ?? ''), requestId: what.requestId }
    return this.enforcer.refuse(call, refusedBy('(overload)', 'overloaded', problem))
  }

  /** A name at the address of all servers that leads to none that the caller may use, or to none at all. */
  unreachable(caller: RecordedCaller, server: string | null, what: Unreadable, name: string): Promise<Denial> {
    const known = server !== null && this.enforcement()?.servers.has(server) ? server : '(unknown)'
    const args = isJsonObject(what.params?.arguments) ? what.params.arguments : null
    const call = { ...this.#call(caller, known, what.method ?? ''), name, args, requestId: what.requestId }
    return this.enforcer.refuse(
      call,
      refusedBy('(no grant)', 'no_grant', `No grant of this identity leads to "${name}".`),
    )
  }

  /** A bearer that names nobody: singly up to ten a source and minute, the rest as one counted record. */
  unauthenticated(server: string, source: string): void {
    const known = this.enforcement()?.servers.has(server) ? server : '(unknown)'
    if (this.#floods.isFull(source)) this.#countTheRest()
    if (this.#floods.admit(source, known)) this.#recordUnauthenticated(known, `No valid key, from ${source}.`)
  }

  #countTheRest(): void {
    for (const { source, rest, what: server } of this.#floods.take())
      this.#recordUnauthenticated(server, `No valid key, ${rest} more times within a minute, from ${source}.`)
    this.enforcer.recordFloods()
  }

  #recordUnauthenticated(server: string, message: string): void {
    const call = this.#call(NOBODY, server, 'authenticate')
    void this.enforcer.refuse(call, refusedBy('(key)', 'unauthenticated', message))
  }

  #call(caller: RecordedCaller, server: string, method: string): RecordedCall {
    const enforcement = this.enforcement()
    return {
      caller,
      server,
      method,
      name: null,
      args: null,
      requestId: null,
      traceId: null,
      serverSettings: enforcement?.servers.get(server) ?? null,
      tool: null,
      definition: null,
      definitionDigest: null,
      revision: enforcement?.revision ?? null,
      decidedInUs: null,
    }
  }
}
