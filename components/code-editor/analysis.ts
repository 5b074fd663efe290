import { type Treatment, treatmentOf } from '@/components/policy/treatment'
import {
  check,
  type Diagnostic,
  type Effect,
  parse,
  type TestOutcome,
  type ToolDefinition,
  testDocument,
} from '@/lib/policy/index'

/** What a text is read beside: the server it is for (null: every server) and the definitions of its tools. */
export interface Surroundings {
  readonly server: string | null
  readonly tools: readonly ToolDefinition[]
}

export interface TestLine {
  readonly name: string
  readonly line: number
  readonly expected: Effect
  readonly hasPassed: boolean
  /** What differs, in one sentence. */
  readonly failure: string | null
}

/** All that the workbench shows of a text. Plain data: it crosses from the worker to the page. */
export interface Analysis {
  readonly diagnostics: readonly Diagnostic[]
  /** By tool name; null while the text cannot be read. */
  readonly treatments: Readonly<Record<string, Treatment>> | null
  readonly tests: readonly TestLine[]
}

/** Reads a text with the kernel, exactly as publishing will. */
export function analyse(text: string, { server, tools }: Surroundings): Analysis {
  const { document, diagnostics } = parse(text)
  if (!document) return { diagnostics, treatments: null, tests: [] }
  const name = server ?? '*'
  const all = [...diagnostics, ...check(document, server === null ? {} : { definitions: tools })]
  const treatments = tools.map(tool => [tool.name, treatmentOf([{ name, document }], tool, { server: name })] as const)
  return {
    diagnostics: all,
    treatments: Object.fromEntries(treatments),
    tests: document.tests.length > 0 ? testDocument(document, tools).map(lineOf) : [],
  }
}

function lineOf({ test, passed, failure }: TestOutcome): TestLine {
  return { name: test.name, line: test.line, expected: test.expect.effect, hasPassed: passed, failure }
}
