import type { Report } from '../read/report'
import type { Path, SourceNode } from '../read/source'

export const DIALECTS = ['A', 'B', 'C', 'C2', 'D'] as const
export type Dialect = (typeof DIALECTS)[number]

/** A value as it will be written in version 1. */
export type Written = Record<string, unknown>

/** One document under translation: what is read, and where what happens to it is told. */
export class Translation {
  constructor(
    readonly root: SourceNode,
    readonly report: Report,
  ) {}

  /** It means the same, or more strictly, in other words. */
  change(path: Path, message: string): void {
    this.report.inform({ code: 'translated', message, path })
  }

  /** It cannot be said in version 1: the whole import is refused. */
  refuse(path: Path, message: string): void {
    this.report.error({ code: 'not_expressible', message, path })
  }

  /** Refuses every key but these: an unknown key could be what held something back. */
  refuseOthers(mapping: Written, known: readonly string[], path: Path): void {
    for (const key of Object.keys(mapping)) {
      if (!known.includes(key))
        this.refuse([...path, key], `"${key}" is not known in this dialect, and is never taken for an allow.`)
    }
  }
}

/** Refuses keys of version 1 that loosen a rule, where the dialect's own program would not have read them. */
export function refuseLoosening(root: Written, keys: readonly string[], translation: Translation): void {
  for (const { rule, path } of rulesOf(root)) {
    for (const key of keys) {
      if (key in rule)
        translation.refuse([...path, key], `"${key}" is not known in this dialect, where the rule holds without it.`)
    }
  }
}

/** A mapping, or null. */
export function asMapping(value: unknown): Written | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Written) : null
}

/** A list, or an empty one. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The rules of each entry, with their paths. */
export function rulesOf(root: unknown): readonly { readonly rule: Written; readonly path: Path }[] {
  return Object.entries(asMapping(asMapping(root)?.tools) ?? {}).flatMap(([name, entry]) =>
    asList(asMapping(entry)?.rules).flatMap((item, index) => {
      const rule = asMapping(item)
      return rule ? [{ rule, path: ['tools', name, 'rules', index] }] : []
    }),
  )
}
