import { refuseField } from '@/lib/auth/refusal'

/** Names and globs as they are typed: parted by blanks or commas. */
export function namesOf(typed: string): string[] {
  return typed.split(/[\s,]+/).filter(Boolean)
}

/** `team=ops, region=eu` as labels. @throws Refusal beside `labels` when a part has no name */
export function labelsOf(typed: string): Record<string, string> {
  const labels: Record<string, string> = {}
  for (const part of typed.split(',').map(one => one.trim())) {
    if (part === '') continue
    const at = part.indexOf('=')
    if (at < 1) throw refuseField('labels', `Write ${JSON.stringify(part)} as name=value.`)
    labels[part.slice(0, at).trim()] = part.slice(at + 1).trim()
  }
  return labels
}
