import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'

// Each row plants one forbidden thing and names the sentence that the lint must answer with; null rows must pass.
const planted: [file: string, source: string, says: string | null][] = [
  ['app/page.tsx', "import '@/proxy/enforce'", 'Only the proxy imports the proxy'],
  ['app/deep/page.tsx', "import '../../proxy/main'", 'Only the proxy imports the proxy'],
  ['lib/audit/reads.ts', "import '@/proxy/mcp/messages'", 'Only the proxy imports the proxy'],
  ['proxy/enforce.ts', "import '@/app/page'", 'The proxy imports stores and the kernel'],
  ['proxy/a.ts', "import '@/lib/identity/queries'", 'The proxy imports stores and the kernel'],
  ['proxy/b.ts', "import '../lib/identity/commands'", 'The proxy imports stores and the kernel'],
  ['proxy/c.ts', "import 'next/server'", 'The proxy imports stores and the kernel'],
  ['proxy/d.ts', "import 'react'", 'The proxy imports stores and the kernel'],
  ['proxy/e.ts', "import '@/components/ui/button'", 'The proxy imports stores and the kernel'],
  ['lib/policy/a.ts', "import '@/lib/env'", 'The kernel is pure'],
  ['lib/policy/b.ts', "import 'node:crypto'", 'The kernel is pure'],
  ['lib/policy/c.ts', "import { z } from 'zod'; import 'lodash'; void z", 'The kernel is pure'],
  ['lib/audit/a.ts', "import '@/app/page'", 'Arrows point down'],
  ['lib/audit/b.ts', "import '@/components/ui/button'", 'Arrows point down'],
  ['lib/audit/c.ts', "import 'next/headers'", 'lib/ is everything that is not React'],
  ['components/ui/a.tsx', "import '@/app/page'", 'Components take values'],
  ['components/b.tsx', "import { x } from '@/lib/audit/queries'; void x", 'Components take values'],
  ['components/c.tsx', "import '@/lib/env'", 'Components take values'],
  ['app/a.tsx', "import { x } from '@/lib/identity/store'; void x", 'Doors are thin'],
  ['cli/a.ts', "import { x } from '@/lib/identity/store'; void x", 'Doors are thin'],
  ['app/b.tsx', "import { x } from '@/lib/db/client'; void x", 'Doors are thin'],
  [
    'lib/identity/commands.ts',
    "import { x } from '@/lib/db/generated/client'; void x",
    'Only lib/db touches the generated client',
  ],
  ['lib/identity/scan.ts', "import '@modelcontextprotocol/sdk/types.js'", 'imports the MCP SDK'],
  ['proxy/f.ts', "import '@modelcontextprotocol/sdk/types.js'", 'imports the MCP SDK'],
  ['components/form/a.tsx', "import 'radix-ui'", 'Only components/ui imports the primitives'],
  ['app/c.tsx', "import 'd3-scale'", 'Only components/charts imports a chart library'],
  [
    'app/(console)/d.tsx',
    "'use client'\nimport { x } from '@/lib/audit/queries'; void x",
    'A client component never loads queries',
  ],
  ['lib/auth/other.ts', "import 'server-only'", 'server-only throws in plain Node'],
  ['lib/audit/utils.ts', 'export const x = 1', 'This room says nothing'],
  ['lib/common/x.ts', 'export const x = 1', 'This room says nothing'],
  ['app/hooks/x.ts', 'export const x = 1', 'This room says nothing'],
  ['lib/audit/CamelCase.ts', 'export const x = 1', 'Filename should be in kebab-case'],
  ['lib/audit/long.ts', 'export const x = 1\n'.concat('\n'.repeat(301)), 'too many lines'],
  ['lib/cycle/a.ts', "import { b } from './b'\nexport const a = () => b", 'Dependency cycle detected'],
  ['lib/cycle/b.ts', "import { a } from './a'\nexport const b = () => a", 'Dependency cycle detected'],
  ['app/ok.tsx', "import { x } from '@/lib/audit/queries'; void x", null],
  ['app/(console)/ok.tsx', "'use client'\nimport type { X } from '@/lib/audit/queries'\nexport type Y = X", null],
  ['proxy/ok.ts', "import '@/lib/identity/store'; import '@/lib/policy/index'", null],
  ['proxy/mcp/ok.ts', "import '@modelcontextprotocol/sdk/types.js'", null],
  ['components/ui/ok.tsx', "import 'radix-ui'", null],
  ['components/form/ok.tsx', "import '@/lib/site/model'", null],
]

const folder = mkdtempSync(path.join(tmpdir(), 'intercept-floors-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Lints all planted files in one run, in a folder of their own under the project's own configuration. */
function lint(): Map<string, string[]> {
  mkdirSync(path.join(folder, 'scripts/lint'), { recursive: true })
  copyFileSync('scripts/lint/floors.mjs', path.join(folder, 'scripts/lint/floors.mjs'))
  copyFileSync('.oxlintrc.json', path.join(folder, '.oxlintrc.json'))
  for (const [file, source] of planted) {
    mkdirSync(path.join(folder, path.dirname(file)), { recursive: true })
    writeFileSync(path.join(folder, file), source)
  }
  const run = spawnSync(path.resolve('node_modules/.bin/oxlint'), ['--format=json'], { cwd: folder, encoding: 'utf8' })
  const { diagnostics } = JSON.parse(run.stdout) as { diagnostics: { filename: string; message: string }[] }
  const found = new Map<string, string[]>()
  for (const { filename, message } of diagnostics) found.set(filename, [...(found.get(filename) ?? []), message])
  return found
}

const found = lint()

test.each(planted)('%s with %j', (file, _source, says) => {
  const messages = found.get(file) ?? []
  if (says === null) expect(messages).toEqual([])
  else expect(messages.join('\n')).toContain(says)
})
