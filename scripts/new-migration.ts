// Prints the SQL that leads from the schema of a git revision (default HEAD) to the working schema.
// Usage: npx tsx scripts/new-migration.ts [--from-empty | REVISION] > prisma/migrations/<timestamp>_<name>/migration.sql
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { openSchemaEngine } from '../prisma/schema-engine'

const base = process.argv[2] ?? 'HEAD'
const files = (content: string) => ({ files: [{ path: 'schema.prisma', content }] })
const engine = await openSchemaEngine(process.env.DATABASE_URL ?? 'postgresql://localhost/none')
const result = await engine.diff({
  from:
    base === '--from-empty'
      ? { tag: 'empty' }
      : {
          tag: 'schemaDatamodel',
          ...files(execFileSync('git', ['show', `${base}:prisma/schema.prisma`], { encoding: 'utf8' })),
        },
  to: { tag: 'schemaDatamodel', ...files(readFileSync('prisma/schema.prisma', 'utf8')) },
  script: true,
  exitCode: null,
  filters: { externalTables: [], externalEnums: [] },
})
process.stdout.write(result.stdout ?? '')
process.exit(0)
