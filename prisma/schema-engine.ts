import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import * as glue from '@prisma/schema-engine-wasm/schema_engine_bg'

/** Prisma's own migration engine, as `prisma migrate` uses it, without the binary that the CLI would download. */
export type SchemaEngine = glue.SchemaEngine

const schemaPath = new URL('./schema.prisma', import.meta.url)

/** The module is instantiated by hand, since Node 20 imports no `.wasm` files. */
async function loadEngine(): Promise<void> {
  const wasmPath = createRequire(import.meta.url)
    .resolve('@prisma/schema-engine-wasm/schema_engine_bg')
    .replace(/\.js$/, '.wasm')
  const { instance } = await WebAssembly.instantiate(await readFile(wasmPath), {
    './schema_engine_bg.js': glue as unknown as WebAssembly.ModuleImports,
  })
  const exports = instance.exports as WebAssembly.Exports & { __wbindgen_start(): void }
  ;(glue as unknown as { __wbg_set_wasm(exports: WebAssembly.Exports): void }).__wbg_set_wasm(exports)
  exports.__wbindgen_start()
}

let loading: Promise<void> | undefined

/** Opens the engine on the database at `url`. Call `free()` on it when done. */
export async function openSchemaEngine(url: string): Promise<SchemaEngine> {
  loading ??= loadEngine()
  await loading
  const factory = bindMigrationAwareSqlAdapterFactory(new PrismaPg({ connectionString: url }))
  const datamodel = await readFile(schemaPath, 'utf8')
  return glue.SchemaEngine.new({ datamodels: [['schema.prisma', datamodel]] }, () => undefined, factory)
}
