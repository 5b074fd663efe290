import { stringify } from 'yaml'
import type { Diagnostic } from '../diagnostic'
import { parse } from '../read/parse'
import { readYaml } from '../read/read-yaml'
import { Report } from '../read/report'
import { translateA, withDefault } from './from-a'
import { translateB } from './from-b'
import { translateC2 } from './from-c2'
import { translateD } from './from-d'
import { recognize } from './recognize'
import { asMapping, type Dialect, refuseLoosening, Translation, type Written } from './translation'

export interface Imported {
  /** null when the text is none of the five. */
  readonly dialect: Dialect | null
  /** The policy in version 1; null when something in it cannot be expressed. */
  readonly text: string | null
  /** Each change (`info`) and each refusal (`error`), by line of the original. */
  readonly diagnostics: readonly Diagnostic[]
}

const TRANSLATORS: Readonly<Record<Dialect, (root: Written, translation: Translation) => Written>> = {
  A: (root, translation) => {
    refuseLoosening(root, ['mode', 'when'], translation)
    return translateA(root, translation)
  },
  B: (root, translation) => {
    refuseLoosening(root, ['mode', 'when'], translation)
    return translateB(root, translation)
  },
  C: (root, translation) => withDefault(root, 'version' in root ? 'allow' : 'deny', translation),
  C2: (root, translation) => {
    refuseLoosening(root, ['mode'], translation)
    return translateC2(root, translation)
  },
  D: translateD,
}

/**
 * Translates a policy in one of the dialects in the wild to version 1. The result is never less strict: what cannot be
 * expressed is refused, and an unknown key is never taken for an allow.
 */
export function importPolicy(text: string, from?: Dialect): Imported {
  const { root, index, diagnostics } = readYaml(text)
  const value = root && asMapping(root.value)
  const dialect = from ?? recognize(value)
  if (!root || !value) return { dialect, text: null, diagnostics }
  const report = new Report(index, root)
  if (dialect === null) {
    report.error({
      code: 'unknown_dialect',
      message: 'This is none of the dialects that are known: say which with --from.',
      path: [],
    })
    return { dialect, text: null, diagnostics: report.diagnostics }
  }
  const translated = TRANSLATORS[dialect](value, new Translation(root, report))
  if (report.hasErrors) return { dialect, text: null, diagnostics: report.diagnostics }
  const result = stringify(translated, { lineWidth: 0, version: '1.2', schema: 'core', aliasDuplicateObjects: false })
  const { diagnostics: found } = parse(result)
  const faults = found.filter(({ severity }) => severity === 'error')
  if (faults.length === 0) return { dialect, text: result, diagnostics: report.diagnostics }
  // The places are those of the translation, so only the pointer says where.
  for (const { code, message, pointer } of faults) {
    report.error({ code, message: `${pointer ?? ''}: ${message}`, path: pathOf(pointer ?? '') })
  }
  return { dialect, text: null, diagnostics: report.diagnostics }
}

function pathOf(pointer: string): readonly (string | number)[] {
  return pointer
    .split('/')
    .slice(1)
    .map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map(step => (/^[0-9]+$/.test(step) ? Number(step) : step))
}
