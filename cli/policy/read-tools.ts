import { classify } from '@/lib/catalogue/classify'
import { riskOf } from '@/lib/catalogue/model'
import { isJsonObject, type JsonObject, readJson, type ToolDefinition } from '@/lib/policy'
import { BadInput } from './bad-input'
import { readInput } from './read-input'

const CATEGORIES = ['Read', 'Write', 'Execute', 'Destructive', 'Financial'] as const

/** Reads tool definitions: a `tools/list` result, its `tools`, or a JSON-RPC answer that holds one. */
export async function readTools(file: string | undefined): Promise<readonly ToolDefinition[]> {
  if (file === undefined) return []
  const reading = readJson(await readInput(file), { maxLength: 64 * 1024 * 1024, maxDepth: 200 })
  if (!reading.ok) throw new BadInput(`${file} is no JSON: ${reading.message}.`)
  let value: unknown = reading.value
  if (isJsonObject(value) && isJsonObject(value.result)) value = value.result
  if (isJsonObject(value) && Array.isArray(value.tools)) value = value.tools
  if (!Array.isArray(value)) throw new BadInput(`${file} holds no list of tools: give the answer of tools/list.`)
  return value.map((item, index) => readTool(item, `${file}, tool ${index + 1}`))
}

/**
 * A definition, or `{category, definition}`. Without a written category the tool gets the one that a scan would guess, so
 * that `tool.category` decides here as it does in a proxy.
 */
function readTool(item: unknown, place: string): ToolDefinition {
  if (!isJsonObject(item)) throw new BadInput(`${place} is no object.`)
  const sent: JsonObject = isJsonObject(item.definition) ? item.definition : item
  if (typeof sent.name !== 'string') throw new BadInput(`${place} has no name.`)
  const written = item.category ?? sent.category
  const category = CATEGORIES.find(candidate => candidate === written)
  if (written !== undefined && !category) throw new BadInput(`${place}: category is one of ${CATEGORIES.join(', ')}.`)
  const { category: _category, risk: _risk, ...definition } = sent
  const sentAs = definition as unknown as ToolDefinition
  const known = category ?? classify(sentAs).category
  return { ...sentAs, category: known, risk: riskOf[known] }
}
