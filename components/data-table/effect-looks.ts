import type { CategoryWord } from '@/components/ui/category-letter'
import type { EffectLook } from '@/components/ui/effect-badge'
import type { RiskLevel } from '@/components/ui/risk-meter'
import type { ShownEffect } from '@/lib/audit/filter/model'

/** How the record's words look. A word that this console does not know has no look, and its text stands alone. */

export function lookOf(effect: ShownEffect): EffectLook {
  return effect === 'require_approval' ? 'approval' : effect
}

const categories: readonly string[] = ['Read', 'Write', 'Execute', 'Destructive', 'Financial'] satisfies CategoryWord[]
const risks: readonly string[] = ['low', 'medium', 'high', 'critical'] satisfies RiskLevel[]

export function categoryOf(word: string | null): CategoryWord | null {
  return word !== null && categories.includes(word) ? (word as CategoryWord) : null
}

export function riskOf(word: string | null): RiskLevel | null {
  return word !== null && risks.includes(word) ? (word as RiskLevel) : null
}

/** `31 ms`, `1.24 s`; a thin space before the unit. */
export function duration(ms: number): string {
  if (ms < 1) return `${(ms * 1000).toFixed(0)}\u2009µs`
  if (ms < 1_000) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)}\u2009ms`
  return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)}\u2009s`
}

/** `0`, `412 B`, `3.2 kB`; a thin space before the unit. */
export function bytes(count: number): string {
  if (count === 0) return '0'
  const units = ['B', 'kB', 'MB', 'GB']
  const power = Math.min(units.length - 1, Math.floor(Math.log10(count) / 3))
  const amount = count / 1000 ** power
  return `${power === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)}\u2009${units[power]}`
}
