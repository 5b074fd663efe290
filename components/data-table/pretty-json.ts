/**
 * JSON text in lines, as people read it. Works on the text, so that no number is rounded. Escapes of what Postgres cannot
 * store (see lib/audit/storable) read as JSON's own.
 */
export function prettyJson(text: string): string[] {
  const lines: string[] = []
  let line = ''
  let depth = 0
  const breakLine = () => {
    lines.push(line)
    line = '  '.repeat(depth)
  }
  for (const token of tokensOf(text)) {
    if (token === '{' || token === '[') {
      line += token
      depth += 1
      breakLine()
    } else if (token === '}' || token === ']') {
      depth -= 1
      breakLine()
      line += token
    } else if (token === ',') {
      line += token
      breakLine()
    } else {
      line += token === ':' ? ': ' : token
    }
  }
  lines.push(line)
  return lines
}

/** Empty objects and lists stay together as one token. */
function tokensOf(text: string): string[] {
  const stored = text.replace(/"\uE000n([^"]*)"/g, '$1').replace(/\uE000([0-9a-f]{4})/g, '\\u$1')
  return stored.match(/"(?:[^"\\]|\\.)*"|\{\s*\}|\[\s*\]|[{}[\],:]|[^\s{}[\],:"]+/g) ?? []
}
