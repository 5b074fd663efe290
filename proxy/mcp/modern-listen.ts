import { isJsonObject, type JsonObject, type JsonValue } from '@/lib/policy'
import type { Forwarded } from '../asked'
import { isStillGood } from '../authenticate'
import type { Enforcement } from '../enforcement'
import { sightOf } from './listing'
import { errorMessage, frameOf, type NotificationMessage, type RequestMessage } from './messages'
import type { ModernExchange } from './modern-exchange'
import { finishWith, type ModernParts } from './modern-parts'
import { META, MODERN_ERRORS, metaOf } from './modern-version'
import { routeOf } from './requests'
import { sightText } from './sessions'
import { traceOf } from './trace-context'

const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged'
const MAX_RESOURCES = 64
/** Lists that change with what is published and granted, by the member of the filter that asks to be told. */
const LISTS: Readonly<Record<string, string>> = {
  toolsListChanged: 'notifications/tools/list_changed',
  promptsListChanged: 'notifications/prompts/list_changed',
  resourcesListChanged: 'notifications/resources/list_changed',
}
const HANDED_OVER: Forwarded<null> = { answer: null, outcome: { kind: 'result' }, isRefundable: false }

/**
 * One `subscriptions/listen`: the upstream's changes, and this proxy's own. Which of them the client is told of, the
 * acknowledgement says, which comes first.
 */
export class Listening {
  /** What was acknowledged; null before. */
  #filter: JsonObject | null = null
  #sight: string

  constructor(
    private readonly parts: ModernParts,
    private readonly exchange: ModernExchange,
  ) {
    this.#sight = this.#currentSight()
  }

  /** Serves until the client, the upstream or the end of a right ends it. */
  async run(headers: Readonly<Record<string, string>>, readAt: number): Promise<void> {
    const { exchange } = this
    const { message } = exchange
    const wanted = message.params?.notifications
    if (!isJsonObject(wanted)) return this.#refuse('"notifications" is not an object.')
    const uris = wanted.resourceSubscriptions
    if (uris !== undefined && !(Array.isArray(uris) && uris.length <= MAX_RESOURCES))
      return this.#refuse(`"resourceSubscriptions" is not a list of at most ${MAX_RESOURCES} addresses.`)
    const allowed = await this.#allowed(uris ?? [], readAt)
    // Tasks are read with tasks/get, where what they want of the client is judged; no server tells of them by itself.
    const told = without(wanted, 'taskIds')
    const filter = uris === undefined ? told : { ...told, resourceSubscriptions: allowed }
    const params = { ...message.params, notifications: filter }
    const asked: RequestMessage = { ...message, params, body: { ...message.body, params } }
    const answer = await exchange.send(headers, asked, (notification, text) => this.#relay(notification, text, wanted))
    const hasAnswer = answer.reply.kind === 'response' && answer.reply.message.body.result !== undefined
    if (this.#filter || hasAnswer || exchange.isGone || wanted.toolsListChanged !== true)
      return this.#filter && !hasAnswer ? exchange.stream.end() : finishWith(exchange, answer, null)
    // The server tells of no changes, but the list changes with what is published here.
    this.#acknowledge({})
  }

  /** A new enforcement is in force: whoever lost the ground is let go, and whoever sees other lists is told. */
  onActivate(enforcement: Enforcement): void {
    const { ask, stream } = this.exchange
    if (!isStillGood(enforcement, ask.key, Date.now()) || !enforcement.servers.has(ask.server.slug)) {
      this.end()
      return
    }
    const sight = this.#currentSight()
    if (stream.isOver || this.#filter === null || sight === this.#sight) return
    this.#sight = sight
    for (const [member, method] of Object.entries(LISTS)) if (this.#filter[member] === true) this.#tell(method, {})
  }

  sweep(now: number): void {
    const { expiresAt } = this.exchange.ask.key
    if (expiresAt !== null && expiresAt <= now) this.end()
    else this.exchange.sweep(now)
  }

  /** Lets the client go; it may ask again. */
  end(): void {
    this.exchange.giveUp('The subscription has ended.')
    this.exchange.stream.end()
  }

  /** Each resource is judged like a subscription of its own; what is refused is not asked for. */
  async #allowed(uris: readonly JsonValue[], readAt: number): Promise<JsonValue[]> {
    const { message, caller } = this.exchange
    const allowed: JsonValue[] = []
    for (const uri of uris) {
      const route = routeOf('resources/subscribe', { uri })
      if (route.kind !== 'judged') continue
      const { name, args } = route
      const traceId = traceOf(message.params)
      const asked = { method: message.method, name, args, requestId: message.id, traceId, readAt }
      const { kind } = await this.parts.enforcer.enforce(caller, asked, async () => HANDED_OVER)
      if (kind === 'answered') allowed.push(uri)
    }
    return allowed
  }

  #relay({ method, params }: NotificationMessage, text: string, wanted: JsonObject): void {
    if (method === ACKNOWLEDGED) {
      const granted = without(isJsonObject(params?.notifications) ? params.notifications : {}, 'taskIds')
      this.#acknowledge(wanted.toolsListChanged === true ? granted : without(granted, 'toolsListChanged'), params)
      return
    }
    if (method === LISTS.toolsListChanged) this.exchange.way?.definitions.forget()
    if (this.#filter === null || method === 'notifications/tasks') return
    if (method === 'notifications/resources/updated' && !this.#isSeen(params)) return
    this.exchange.pass(text)
  }

  #acknowledge(granted: JsonObject, params: JsonObject = {}): void {
    if (this.#filter !== null) return
    const wanted = this.exchange.message.params?.notifications
    const own: JsonObject = isJsonObject(wanted) && wanted.toolsListChanged === true ? { toolsListChanged: true } : {}
    this.#filter = { ...granted, ...own }
    this.#tell(ACKNOWLEDGED, { ...params, notifications: this.#filter })
    const enforcement = this.parts.enforcement()
    if (enforcement) this.onActivate(enforcement)
  }

  #tell(method: string, params: JsonObject): void {
    const _meta = { ...metaOf(params), [META.subscription]: this.exchange.message.id }
    this.exchange.pass(frameOf({ jsonrpc: '2.0', method, params: { ...params, _meta } }))
  }

  #isSeen(params: JsonObject | undefined): boolean {
    const { server, key } = this.exchange.ask
    const enforcement = this.parts.enforcement()
    const current = enforcement?.servers.get(server.slug)
    if (!enforcement || !current || typeof params?.uri !== 'string') return false
    return sightOf(enforcement, current, key.identityId).isVisible(`resources/${params.uri}`)
  }

  #currentSight(): string {
    const { key, server } = this.exchange.ask
    const enforcement = this.parts.enforcement()
    return enforcement ? sightText(key.identityId, server.slug, enforcement) : ''
  }

  #refuse(problem: string): void {
    const error = { code: MODERN_ERRORS.invalidParams, message: problem }
    this.exchange.finish(errorMessage(this.exchange.message.id, error), 400)
  }
}

function without(object: JsonObject, member: string): JsonObject {
  const { [member]: _gone, ...rest } = object
  return rest
}
