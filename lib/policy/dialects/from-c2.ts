import { compilePattern } from '../patterns'
import type { Path } from '../read/source'
import { refusePatterns, refuseStar, withDefault } from './from-a'
import { asMapping, type Translation, type Written } from './translation'

/** Dialect C′: `when` maps paths to patterns, and the first rule that matches decides. Only what maps exactly is taken. */
export function translateC2(root: Written, translation: Translation): Written {
  refusePatterns(root, translation)
  const withEffect = withDefault(root, 'version' in root ? 'allow' : 'deny', translation)
  const isDenied = withEffect.default === 'deny'
  const tools = Object.entries(asMapping(root.tools) ?? {}).map(([name, entry]) => {
    return [name, translateEntry(entry, ['tools', name], isDenied && name !== '*', translation)]
  })
  return { ...withEffect, tools: Object.fromEntries(tools) }
}

function translateEntry(entry: unknown, path: Path, isDenied: boolean, translation: Translation): unknown {
  const mapping = entry === null ? {} : asMapping(entry)
  if (!mapping) return entry
  const list = mapping.rules ?? []
  if (!Array.isArray(list)) return entry
  const rules = list.map((rule: unknown, index) => readRule(rule, [...path, 'rules', index], translation))
  if (rules.some(rule => rule === null)) return entry
  if (path[1] === '*' && rules.some(rule => rule?.isDeny === false)) {
    translation.refuse(path, 'In version 1 the entry "*" never opens a tool: name the tools that are allowed.')
  }
  return { ...mapping, rules: inAnyOrder(rules as OrderedRule[], path, isDenied, translation) }
}

interface OrderedRule {
  readonly written: Written
  readonly isDeny: boolean
  readonly isAlways: boolean
  readonly constrains: boolean
}

function readRule(rule: unknown, path: Path, translation: Translation): OrderedRule | null {
  const written = asMapping(rule)
  if (!written) {
    translation.refuse(path, 'A rule must be a mapping.')
    return null
  }
  if (written.action !== 'allow' && written.action !== 'deny') {
    translation.refuse(path, 'Where the first match decides, a rule is `action: allow` or `action: deny`.')
    return null
  }
  const when = readTrigger(written.when, [...path, 'when'], translation)
  const { when: _when, ...rest } = written
  return {
    written: when.length > 0 ? { ...rest, when } : rest,
    isDeny: written.action === 'deny',
    isAlways: when.length === 0,
    constrains: ['rate_limit', 'validate', 'conditions', 'state'].some(key => written[key] !== undefined),
  }
}

function readTrigger(when: unknown, path: Path, translation: Translation): readonly Written[] {
  if (when === undefined) return []
  const mapping = asMapping(when)
  if (!mapping || Object.keys(mapping).length === 0) {
    translation.refuse(path, 'Here `when` maps paths to patterns.')
    return []
  }
  return Object.entries(mapping).map(([key, pattern]) => {
    refuseStar(key, [...path, key], translation)
    const fault = typeof pattern === 'string' ? compilePattern(pattern) : { fault: 'A pattern must be text.' }
    if ('fault' in fault) translation.refuse([...path, key], fault.fault)
    translation.change([...path, key], 'It becomes a `regex` condition. A value that is no text is refused here.')
    return { path: key, op: 'regex', value: pattern }
  })
}

/**
 * In version 1 every rule must pass, whatever the order. That is the same where all denials come first and allows follow:
 * a denial after an allow would hold only where the allow did not match, which cannot be said.
 */
function inAnyOrder(
  rules: readonly OrderedRule[],
  path: Path,
  isDenied: boolean,
  translation: Translation,
): readonly Written[] {
  const firstAlways = rules.findIndex(({ isAlways }) => isAlways)
  const heard = firstAlways < 0 ? rules : rules.slice(0, firstAlways + 1)
  for (let index = heard.length; index < rules.length; index++) {
    translation.change(
      [...path, 'rules', index],
      'An earlier rule always matches, so this one was never reached; it is left out.',
    )
  }
  const firstAllow = heard.findIndex(({ isDeny }) => !isDeny)
  if (firstAllow < 0) return closeUnopened(heard, path, isDenied, translation)
  const closing = heard.at(-1)
  const endsInDenial = closing?.isDeny === true && closing.isAlways
  const body = endsInDenial ? heard.slice(0, -1) : heard
  for (const [index, rule] of body.entries()) {
    if (index > firstAllow && rule.isDeny) {
      translation.refuse(
        [...path, 'rules', index],
        'This denial holds only where the allow before it does not match, which version 1 cannot say.',
      )
    }
  }
  const allows = body.filter(({ isDeny }) => !isDeny)
  if (allows.length > 1 && allows.some(({ constrains }) => constrains)) {
    translation.refuse(
      [...path, 'rules', firstAllow],
      'Two allows could both match here, and the limits of both would hold: keep one.',
    )
  }
  const closes = endsInDenial || allows.every(({ isAlways }) => !isAlways)
  if (closes && !isDenied) {
    const message = endsInDenial
      ? 'The closing denial needs `default: deny`, and this document allows by default.'
      : 'What matches no rule falls to the default there and here, and this document allows by default.'
    if (endsInDenial) translation.refuse([...path, 'rules', heard.length - 1], message)
  } else if (endsInDenial) {
    translation.change(
      [...path, 'rules', heard.length - 1],
      'The closing denial is what `default: deny` says of a tool whose allows do not speak; it is left out.',
    )
  }
  return body.map(({ written }) => written)
}

/** Where no rule allows, what matches none falls to the default there; here naming a tool would be enough to open it. */
function closeUnopened(
  denials: readonly OrderedRule[],
  path: Path,
  isDenied: boolean,
  translation: Translation,
): readonly Written[] {
  const written = denials.map(rule => rule.written)
  if (!isDenied || denials.some(({ isAlways }) => isAlways)) return written
  translation.change(path, 'No rule here allows, and `default: deny` denies the rest: that is written out as a denial.')
  return [...written, { name: `${String(path[1])} default`, action: 'deny' }]
}
