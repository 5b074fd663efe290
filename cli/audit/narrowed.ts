import type { RecordFilter } from '@/lib/audit/filter/model'
import { parseFilter } from '@/lib/audit/filter/parse'
import { refuseField } from '@/lib/auth/refusal'

export interface NarrowedOptions {
  readonly server?: string[]
  readonly identity?: string[]
  readonly tool?: string[]
  readonly effect?: string[]
}

/** The filter that the options say, over the last hour. @throws Refusal for a value that is none */
export function filterOf({ server, identity, tool, effect }: NarrowedOptions): RecordFilter {
  const { filter, problems } = parseFilter({ server, identity, tool, effect }, { preset: '1h' })
  const [problem] = problems
  if (problem) throw refuseField('filter', problem)
  return filter
}
