import { statSync } from 'node:fs'
import { classify } from '@/lib/catalogue/classify'
import type { SeenTool } from '@/lib/catalogue/definitions'
import type { ProxyServer, ProxyTool } from '@/lib/catalogue/store'
import type { DirectoryIdentity } from '@/lib/identity/model'
import { type Document, digestOf } from '@/lib/policy'
import { buildEnforcement, type CompileCache, type Enforcement } from '../enforcement'
import { compareDefinitions, type DefinitionFile } from './definition-file'
import { readPolicyFile } from './policy-file'

/** Whoever runs the proxy; records name it, and `identity.name` in conditions is it. */
export const LOCAL: DirectoryIdentity = {
  id: '00000000-0000-4000-8000-000000000000',
  name: 'local',
  kind: 'person',
  labels: {},
}
const SERVER_ID = '00000000-0000-4000-8000-000000000001'
/** Nobody else stands here, so the policy alone says what may be called. */
const EVERYTHING = ['*', 'resources/*', 'prompts/*', 'server/*']
const WATCH_MS = 250

/** How the one server is reached. */
export type LocalServer = Pick<ProxyServer, 'slug' | 'transport' | 'command' | 'url'>

/**
 * The enforcement of a proxy that runs alone: one policy file, and the definitions pinned beside it. Both are read again
 * when they change; what cannot be put in force is told, and what was in force stays.
 */
export class LocalSource {
  /** null until `start` has found a policy. */
  current: Enforcement | null = null
  /** Called when something else is in force. */
  onActivate: () => void = () => undefined
  readonly #cache: CompileCache = new Map()
  #document: Document | null = null
  #pinned: readonly SeenTool[] | null = null
  #revision = 0
  /** What the files looked like when they were read. */
  #stamps: Stamps = ['', '']
  /** A change is read when it has been still for one round: an editor may be in the middle of writing. */
  #changing: Stamps = ['', '']
  #timer: NodeJS.Timeout | null = null
  #lastDrift = ''

  constructor(
    private readonly policyFile: string,
    private readonly definitions: DefinitionFile,
    private readonly server: LocalServer,
    private readonly say: (sentence: string) => void,
  ) {}

  /** False when the policy cannot be put in force; why, has been said. @throws Error when the definitions are damaged */
  start(): boolean {
    this.#stamps = this.#look()
    this.#pinned = this.definitions.read()
    if (!this.#readPolicy()) return false
    this.#timer = setInterval(() => this.#watch(), WATCH_MS)
    return true
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer)
  }

  /** A whole list of the server: pinned the first time, compared from then on. Shaped as DefinitionReports is. */
  report(_slug: string, _tools: unknown, seen: readonly SeenTool[]): void {
    if (this.#pinned) this.#compare(this.#pinned, seen)
    else this.#pin(seen)
  }

  #pin(seen: readonly SeenTool[]): void {
    this.definitions.pin(seen)
    this.#pinned = seen
    this.#stamps = [this.#stamps[0], this.#look()[1]]
    this.#activate()
    const names = seen.map(({ name }) => name).join(', ')
    this.say(`first run: ${seen.length} tools are pinned in ${this.definitions.path}: ${names}.`)
  }

  #compare(pinned: readonly SeenTool[], seen: readonly SeenTool[]): void {
    const { added, changed } = compareDefinitions(pinned, seen)
    const drift = [...changed.map(name => `"${name}" has changed`), ...added.map(name => `"${name}" is new`)].join(', ')
    if (drift !== '' && drift !== this.#lastDrift)
      this.say(
        `the server lists other definitions than ${this.definitions.path}: ${drift}. Calls are refused (definition_drift) until you have looked at them and pinned them: the same command with --approve.`,
      )
    this.#lastDrift = drift
  }

  #watch(): void {
    const stamps = this.#look()
    const isStill = String(stamps) === String(this.#changing)
    this.#changing = stamps
    if (!isStill || String(stamps) === String(this.#stamps)) return
    this.#stamps = stamps
    this.#reload()
  }

  #look(): Stamps {
    return [stampOf(this.policyFile), stampOf(this.definitions.path)]
  }

  #reload(): void {
    try {
      // A file that was removed says nothing new: pinning again is what --approve is for.
      this.#pinned = this.definitions.read() ?? this.#pinned
    } catch (error) {
      this.say((error as Error).message)
    }
    if (this.#readPolicy()) this.say(`${this.policyFile} is in force as it stands now.`)
    else this.say(`${this.policyFile} is refused; the policy that was in force stays in force.`)
  }

  #readPolicy(): boolean {
    const { document, problems } = readPolicyFile(
      this.policyFile,
      (this.#pinned ?? []).map(({ definition }) => definition),
    )
    for (const problem of problems) this.say(problem)
    if (document) this.#document = document
    if (this.#document) this.#activate()
    return document !== null
  }

  #activate(): void {
    const document = this.#document
    if (!document) return
    this.#revision += 1
    const { slug } = this.server
    const policy = { name: slug, server: slug, revision: this.#revision, digest: digestOf(document), document }
    const grant = {
      id: SERVER_ID,
      identityId: LOCAL.id,
      serverId: SERVER_ID,
      server: slug,
      tools: EVERYTHING,
      until: null,
    }
    this.current = buildEnforcement(
      {
        version: this.#revision,
        bundle: { number: this.#revision, digest: policy.digest, policies: [policy] },
        directory: { identities: [LOCAL], keys: [], grants: [grant] },
        servers: [{ ...this.server, ...OWN, tools: (this.#pinned ?? []).map(pinnedTool) }],
      },
      this.#cache,
    )
    this.onActivate()
  }
}

/** Of the policy and of the definitions. */
type Stamps = readonly [policy: string, definitions: string]

function stampOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false })
  return `${stat?.ino} ${stat?.size} ${stat?.mtimeMs}`
}

const OWN = { id: SERVER_ID, allowPrivate: true, sealed: null, drift: 'block', argumentsKept: 'masked' } as const

function pinnedTool({ name, digest, definition }: SeenTool): ProxyTool {
  const { category, risk } = classify(definition)
  const pinned = { ...definition, category, risk }
  return { name, category, risk, seenDigest: digest, pinnedDigest: digest, isMissing: false, pinned }
}
