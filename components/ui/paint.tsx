import type { ReactNode } from 'react'

/** Words of the policy language that decide, as values. */
const words =
  /^(allow|deny|require_approval|true|false|null|eq|neq|in|not_in|gt|gte|lt|lte|matches|not_matches|exists|not_exists|contains|not_contains|starts_with|ends_with)$/

const yamlParts =
  /(#.*$)|("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')|([\w.*/$-]+(?=\s*:(?:\s|$)))|([{}[\],:]|^\s*-(?=\s))|([^\s{}[\],:"'#]+)|(\s+)|(.)/g
const jsonParts =
  /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null)|([{}[\],:])|(\s+)|(.)/g

const span = (key: number, tone: string, text: string) => (
  <span key={key} className={tone}>
    {text}
  </span>
)

/** Colours one line of YAML. It reads one line alone, so a block scalar is coloured like anything else. */
export function paintYaml(line: string): ReactNode {
  return [...line.matchAll(yamlParts)].map(([part, comment, text, key, sign, bare], at) => {
    if (comment) return span(at, 'text-code-comment', part)
    if (text) return span(at, 'text-code-string', part)
    if (key) return span(at, 'text-code-key', part)
    if (sign) return span(at, 'text-ink-3', part)
    if (bare && /^-?\d+(\.\d+)?$/.test(part)) return span(at, 'text-code-number', part)
    if (bare && words.test(part)) return span(at, 'text-code-word font-label', part)
    return part
  })
}

/** Colours one line of JSON. */
export function paintJson(line: string): ReactNode {
  return [...line.matchAll(jsonParts)].map(([part, text, colon, number, word, sign], at) => {
    if (text && colon) {
      return [span(at, 'text-code-key', text), span(-1 - at, 'text-ink-3', colon)]
    }
    if (text) return span(at, 'text-code-string', part)
    if (number) return span(at, 'text-code-number', part)
    if (word) return span(at, 'text-code-word font-label', part)
    if (sign) return span(at, 'text-ink-3', part)
    return part
  })
}
