import type { Path } from '../read/source'
import { refusePatterns, refuseStar } from './from-a'
import { asList, asMapping, type Translation, type Written } from './translation'

const ROOT_KEYS = ['version', 'description', 'default', 'hide', 'all_tools', 'tools']
const LIMIT_KEYS = [
  'counter',
  'name',
  'max',
  'limit',
  'window',
  'increment',
  'increment_from',
  'on_deny',
  'reason',
  'message',
]
const CONDITION_KEYS = ['path', 'op', 'value', 'on_deny', 'reason', 'message', 'name']

/** Dialect D: JSON with `require`, `deny_if` and `limits` for each tool, and limits over all tools. */
export function translateD(root: Written, translation: Translation): Written {
  translation.refuseOthers(root, ROOT_KEYS, [])
  refusePatterns(root, translation)
  if (root.default !== 'allow' && root.default !== 'deny')
    translation.refuse([], 'The dialect requires `default`: allow or deny.')
  const tools: Written = {}
  for (const [name, entry] of Object.entries(asMapping(root.tools) ?? {})) {
    tools[name] = { rules: translateTool(name, entry, ['tools', name], translation) }
  }
  const shared = translateAllTools(root.all_tools, translation)
  if (shared.length > 0) {
    if ('*' in tools) translation.refuse(['tools', '*'], '`all_tools` and a tool named "*" would fall together.')
    tools['*'] = { rules: shared }
  }
  const { version, description, default: effect, hide } = root
  return {
    ...(version === undefined ? {} : { version }),
    ...(description === undefined ? {} : { description }),
    default: effect,
    ...(asList(hide).length > 0 ? { hide } : {}),
    tools,
  }
}

function translateAllTools(value: unknown, translation: Translation): readonly Written[] {
  if (value === undefined || value === null) return []
  const mapping = asMapping(value)
  if (!mapping) {
    translation.refuse(['all_tools'], '`all_tools` must be an object.')
    return []
  }
  translation.refuseOthers(mapping, ['limits'], ['all_tools'])
  return translateLimits(mapping.limits, 'all tools', ['all_tools', 'limits'], translation)
}

function translateTool(name: string, entry: unknown, path: Path, translation: Translation): readonly Written[] {
  const mapping = asMapping(entry)
  if (!mapping) {
    translation.refuse(path, 'A tool must be an object; {} allows it.')
    return []
  }
  translation.refuseOthers(mapping, ['require', 'deny_if', 'limits'], path)
  return [
    ...translateClause(mapping, 'require', name, path, translation),
    ...translateClause(mapping, 'deny_if', name, path, translation),
    ...translateLimits(mapping.limits, name, [...path, 'limits'], translation),
  ]
}

/** One rule for each condition, so that each keeps its message: what is required constrains, what is denied triggers. */
function translateClause(
  mapping: Written,
  key: 'require' | 'deny_if',
  name: string,
  path: Path,
  translation: Translation,
): readonly Written[] {
  if (mapping[key] !== undefined && !Array.isArray(mapping[key]))
    translation.refuse([...path, key], `\`${key}\` must be a list.`)
  return asList(mapping[key]).flatMap((item, index): readonly Written[] => {
    const at = [...path, key, index]
    const condition = asMapping(item)
    if (!condition) {
      translation.refuse(at, 'A condition must be an object of path, op and value.')
      return []
    }
    translation.refuseOthers(condition, CONDITION_KEYS, at)
    const { path: subject, op, value } = condition
    refuseStar(subject, at, translation)
    const reason = reasonOf(condition, at, translation)
    const written = { path: subject, op, ...('value' in condition ? { value } : {}) }
    const label = `${name} ${key} ${index + 1}`
    translation.change(
      at,
      key === 'require' ? 'It becomes a rule with this condition.' : 'It becomes a rule that denies when this holds.',
    )
    if (key === 'require') return [{ name: label, conditions: [written], ...reason }]
    return [{ name: label, action: 'deny', when: [written], ...reason }]
  })
}

function translateLimits(limits: unknown, name: string, path: Path, translation: Translation): readonly Written[] {
  if (limits !== undefined && !Array.isArray(limits)) translation.refuse(path, '`limits` must be a list.')
  return asList(limits).flatMap((item, index): readonly Written[] => {
    const at = [...path, index]
    const limit = asMapping(item)
    if (!limit) {
      translation.refuse(at, 'A limit must be an object of max and window.')
      return []
    }
    translation.refuseOthers(limit, LIMIT_KEYS, at)
    if (limit.max !== undefined && limit.limit !== undefined)
      translation.refuse(at, 'A limit has `max` or `limit`, not both.')
    if (limit.increment !== undefined && limit.increment_from !== undefined)
      translation.refuse(at, 'Write `increment` or `increment_from`, not both.')
    const cost = limit.increment_from ?? limit.increment
    translation.change(
      at,
      'It becomes `rate_limit`, shared by all callers of the server: a counter for each grant would allow more.',
    )
    const label = limit.counter ?? limit.name
    const rate = {
      max: limit.max ?? limit.limit,
      window: limit.window,
      per: 'server',
      ...(cost === undefined ? {} : { cost }),
    }
    return [
      {
        name: `${name} ${typeof label === 'string' ? label : `limit ${index + 1}`}`,
        rate_limit: rate,
        ...reasonOf(limit, at, translation),
      },
    ]
  })
}

function reasonOf(mapping: Written, path: Path, translation: Translation): Written {
  const written = ['on_deny', 'reason', 'message'].filter(key => mapping[key] !== undefined)
  if (written.length > 1) translation.refuse(path, `${written.join(' and ')} are the same: keep one.`)
  const [key] = written
  return key === undefined ? {} : { reason: mapping[key] }
}
