import { jsonSchema } from '@/lib/policy'

/** Prints the JSON Schema of the language, for any editor. */
export async function printSchema(): Promise<number> {
  process.stdout.write(`${JSON.stringify(jsonSchema(), null, 2)}\n`)
  return 0
}
