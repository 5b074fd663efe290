import { defineConfig } from 'prisma/config'

// Only `prisma generate` and, elsewhere, `prisma migrate deploy` read this file; the product migrates by prisma/migrate.ts.
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env.DATABASE_URL ?? '' },
})
