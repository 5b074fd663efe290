import { isJsonObject, type JsonObject, type JsonValue } from '@/lib/policy'

/** What a request means to the enforcement point. */
export type Route =
  /** Carries no right of its own and goes through. */
  | { readonly kind: 'pass' }
  /** A list; what the caller may not see is taken out of the answer. */
  | { readonly kind: 'list'; readonly list: ListKind }
  /** Judged and recorded before it goes through. */
  | { readonly kind: 'judged'; readonly name: string; readonly args: JsonObject }
  /** Of a task that a call has made; it follows that call. */
  | { readonly kind: 'task'; readonly verb: TaskVerb; readonly taskId: string }
  | { readonly kind: 'tasks' }
  | { readonly kind: 'malformed'; readonly problem: string }
  /** Not carried: a method that is not judged is not forwarded. */
  | { readonly kind: 'unknown' }

/** `result` up to 2025-11-25, `update` in the extension of 2026-07-28. */
export type TaskVerb = 'get' | 'result' | 'update' | 'cancel'

/** The member of a list's result that holds its entries, and how each is named in grants and policies. */
export type ListKind = 'tools' | 'resources' | 'resourceTemplates' | 'prompts'

const PASSED: ReadonlySet<string> = new Set(['ping', 'logging/setLevel'])
const LISTS: Readonly<Record<string, ListKind>> = {
  'tools/list': 'tools',
  'resources/list': 'resources',
  'resources/templates/list': 'resourceTemplates',
  'prompts/list': 'prompts',
}
/** Members of `params` that the protocol has; a reader that ignores case might find them under another spelling. */
const PARAMS: ReadonlySet<string> = new Set(
  'name arguments uri ref argument context task taskId cursor level _meta inputResponses requestState'.split(' '),
)
const FOLDED_PARAMS: ReadonlySet<string> = new Set([...PARAMS].map(fold))

/** Tells what to do with a request by its method, and reads strictly what is judged. */
export function routeOf(method: string, params: JsonObject | undefined): Route {
  const misspelt = Object.keys(params ?? {}).find(key => !PARAMS.has(key) && FOLDED_PARAMS.has(fold(key)))
  if (misspelt !== undefined)
    return refused(`"params" has a member ${JSON.stringify(misspelt)}, which differs from the protocol's by case only.`)
  if (PASSED.has(method)) return { kind: 'pass' }
  const list = Object.hasOwn(LISTS, method) ? LISTS[method] : undefined
  if (list) return { kind: 'list', list }
  if (method === 'tools/call') return namedCall(params, '')
  if (method === 'prompts/get') return namedCall(params, 'prompts/')
  if (/^resources\/(read|subscribe|unsubscribe)$/.test(method)) return resourceCall(params)
  if (method === 'completion/complete') return completion(params)
  if (method === 'tasks/list') return { kind: 'tasks' }
  const verb = /^tasks\/(get|result|update|cancel)$/.exec(method)?.[1]
  return verb === undefined ? { kind: 'unknown' } : taskRequest(verb as TaskVerb, params)
}

function taskRequest(verb: TaskVerb, params: JsonObject | undefined): Route {
  const taskId = params?.taskId
  const isText = typeof taskId === 'string' && taskId !== ''
  return isText ? { kind: 'task', verb, taskId } : refused('"taskId" is not a text.')
}

function namedCall(params: JsonObject | undefined, prefix: string): Route {
  const name = params?.name
  if (typeof name !== 'string' || name === '') return refused('"params" names no "name".')
  const args = params?.arguments
  if (args !== undefined && !isJsonObject(args)) return refused('"arguments" is not an object.')
  return { kind: 'judged', name: prefix + name, args: args ?? {} }
}

function resourceCall(params: JsonObject | undefined): Route {
  const uri = params?.uri
  const problem = addressProblem(uri)
  if (problem || typeof uri !== 'string') return refused(problem ?? '"uri" is not a text.')
  return { kind: 'judged', name: `resources/${uri}`, args: { uri } }
}

/** A completion follows what it completes. */
function completion(params: JsonObject | undefined): Route {
  const { ref, argument, context } = params ?? {}
  if (!isJsonObject(ref)) return refused('"ref" is not an object.')
  if (!isJsonObject(argument)) return refused('"argument" is not an object.')
  const args = { argument, ...(context === undefined ? {} : { context }) }
  if (ref.type === 'ref/prompt' && typeof ref.name === 'string' && ref.name !== '')
    return { kind: 'judged', name: `prompts/${ref.name}`, args }
  const problem = addressProblem(ref.uri)
  if (ref.type !== 'ref/resource' || typeof ref.uri !== 'string')
    return refused('"ref" names neither a prompt nor a resource.')
  return problem ? refused(problem) : { kind: 'judged', name: `resources/${ref.uri}`, args }
}

/** A server may resolve `..`, so that an address under a granted glob names something outside it. */
function addressProblem(uri: JsonValue | undefined): string | null {
  if (typeof uri !== 'string' || uri === '') return '"uri" is not a text.'
  const decoded = uri.replace(/%(?:2e|2f|5c|00)/gi, code => String.fromCharCode(Number.parseInt(code.slice(1), 16)))
  const isPlain = !decoded.includes('\\') && !decoded.includes('\0') && !/(?:^|\/)\.{1,2}(?:\/|[?#]|$)/.test(decoded)
  return isPlain ? null : '"uri" has a dot segment, a backslash or a NUL, and could name something else than it says.'
}

/** As a case-insensitive reader compares: the long s and the Kelvin sign fold to letters too. */
function fold(key: string): string {
  return key.toUpperCase().toLowerCase()
}

function refused(problem: string): Route {
  return { kind: 'malformed', problem }
}
