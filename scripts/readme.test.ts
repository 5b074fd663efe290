import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const readme = readFileSync('README.md', 'utf8')

// A path is a code span that begins with a folder or file of the top level; examples of use are in fenced blocks.
const prose = readme.replace(/```[\s\S]*?```/g, '')
const paths = [...prose.matchAll(/`([^`\s]+)`/g)]
  .map(match => match[1] ?? '')
  .filter(span =>
    /^(app|components|lib|prisma|proxy|cli|e2e|docs|scripts)\/|^(SECURITY\.md|LICENSE|\.env\.example)$/.test(span),
  )

test('names paths at all', () => expect(paths.length).toBeGreaterThan(15))
test.each(paths)('%s exists', path => expect(existsSync(path)).toBe(true))
test('is at most 150 lines', () => expect(readme.split('\n').length).toBeLessThanOrEqual(151))
