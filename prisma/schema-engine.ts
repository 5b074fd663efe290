import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory, type SqlDriverAdapter } from '@prisma/driver-adapter-utils'
import * as glue from '@prisma/schema-engine-wasm/schema_engine_bg'

/** Prisma's own migration engine, as `prisma migrate` uses it, without the binary that the CLI would download. */
export interface SchemaEngine extends glue.SchemaEngine {
  /** Frees the engine and ends its connections, and with them its lock on the database. */
  close(): Promise<void>
}

const schemaPath = new URL('./schema.prisma', import.meta.url)

/** The engine never clears its timeouts, ten seconds for its lock among them: they must not hold the process. */
function timers(): Record<string, typeof setTimeout> {
  const names = Object.keys(glue).filter(name => name.startsWith('__wbg_setTimeout_'))
  const unheld = (run: () => void, delayMs: number) => setTimeout(run, delayMs).unref()
  return Object.fromEntries(names.map(name => [name, unheld as typeof setTimeout]))
}

/** The module is instantiated by hand, since Node 20 imports no `.wasm` files. */
async function loadEngine(): Promise<void> {
  const wasmPath = createRequire(import.meta.url)
    .resolve('@prisma/schema-engine-wasm/schema_engine_bg')
    .replace(/\.js$/, '.wasm')
  const { instance } = await WebAssembly.instantiate(await readFile(wasmPath), {
    './schema_engine_bg.js': { ...(glue as unknown as WebAssembly.ModuleImports), ...timers() },
  })
  const exports = instance.exports as WebAssembly.Exports & { __wbindgen_start(): void }
  ;(glue as unknown as { __wbg_set_wasm(exports: WebAssembly.Exports): void }).__wbg_set_wasm(exports)
  exports.__wbindgen_start()
}

let loading: Promise<void> | undefined

/**
 * The adapter cuts scripts at every semicolon, those in comments and function bodies too. Sent whole, as Prisma's binary
 * does, a script is also one transaction: it happens or it does not. `closing` is run in that transaction.
 */
function adapterFactory(url: string, closing: (script: string) => string, opened: SqlDriverAdapter[]): PrismaPg {
  const factory = new PrismaPg({ connectionString: url })
  const connect = factory.connect.bind(factory)
  factory.connect = async () => {
    const adapter = await connect()
    opened.push(adapter)
    adapter.executeScript = async script => {
      await adapter.executeRaw({ sql: `${script}\n;${closing(script)}`, args: [], argTypes: [] })
    }
    return adapter
  }
  return factory
}

/**
 * Opens the engine on the database at `url`. Call `close()` on it when done.
 * @param closing SQL that a script's own transaction ends with
 */
export async function openSchemaEngine(
  url: string,
  closing: (script: string) => string = () => '',
): Promise<SchemaEngine> {
  loading ??= loadEngine()
  await loading
  const opened: SqlDriverAdapter[] = []
  const factory = bindMigrationAwareSqlAdapterFactory(adapterFactory(url, closing, opened))
  const datamodel = await readFile(schemaPath, 'utf8')
  const engine = await glue.SchemaEngine.new({ datamodels: [['schema.prisma', datamodel]] }, () => undefined, factory)
  return Object.assign(engine, {
    async close() {
      engine.free()
      await Promise.all(opened.map(adapter => adapter.dispose()))
    },
  })
}
