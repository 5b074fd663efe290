import { isPattern } from '../names'
import type { Path } from '../read/source'
import { asList, asMapping, rulesOf, type Translation, type Written } from './translation'

/** Dialect A is read natively; its names are literal, and its equality by printed text is not copied. */
export function translateA(root: Written, translation: Translation): Written {
  refusePatterns(root, translation)
  for (const { rule, path } of rulesOf(root)) {
    for (const [index, item] of asList(rule.conditions).entries()) {
      const condition = asMapping(item)
      refuseStar(condition?.path, [...path, 'conditions', index, 'path'], translation)
      if (isComparedInPrint(condition)) {
        translation.change(
          [...path, 'conditions', index],
          'Lists and objects are compared by their parts here, not by their printed text.',
        )
      }
    }
  }
  return withDefault(root, 'allow', translation)
}

function isComparedInPrint(condition: Written | null): boolean {
  const { op, value } = condition ?? {}
  const isNested = (item: unknown) => typeof item === 'object' && item !== null
  if (op === 'in' || op === 'not_in') return asList(value).some(isNested)
  return isNested(value) && ['eq', 'neq', 'contains'].includes(String(op))
}

/** Refuses a `*` in a path: there it is a key like any other, and here it would go over a list. */
export function refuseStar(path: unknown, at: Path, translation: Translation): void {
  if (typeof path === 'string' && path.split('.').includes('*'))
    translation.refuse(at, `"${path}": in this dialect * is a literal key, and in version 1 it goes over a list.`)
}

/** Refuses names with `*` or `?`: there they are literal, and here they would match more. */
export function refusePatterns(root: Written, translation: Translation): void {
  const message = (name: string) => `"${name}" is a literal name in this dialect, and a pattern in version 1.`
  for (const name of Object.keys(asMapping(root.tools) ?? {})) {
    if (name !== '*' && isPattern(name)) translation.refuse(['tools', name], message(name))
  }
  for (const [index, name] of asList(root.hide).entries()) {
    if (typeof name === 'string' && name !== '*' && isPattern(name)) translation.refuse(['hide', index], message(name))
  }
}

/** Writes out the default that the dialect leaves unsaid. */
export function withDefault(root: Written, effect: 'allow' | 'deny', translation: Translation): Written {
  if ('default' in root) return root
  translation.change([], `An omitted default means ${effect} in this dialect; it is written out.`)
  const { version, description, ...rest } = root
  return {
    ...(version === undefined ? {} : { version }),
    ...(description === undefined ? {} : { description }),
    default: effect,
    ...rest,
  }
}
