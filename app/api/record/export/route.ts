import { exportRecord } from '@/lib/audit/export/export'
import { parseFilter } from '@/lib/audit/filter/parse'
import { windowOf } from '@/lib/audit/filter/range'
import { signedInActor } from '@/lib/auth/current-user'
import { Refusal } from '@/lib/auth/refusal'

export const dynamic = 'force-dynamic'

const statuses = { forbidden: 403, invalid: 400, not_found: 404, conflict: 409 } as const

/**
 * The record as a file, streamed: the filter of the page in its own parameters, `format=csv` or `ndjson`, `proof=1`. A page
 * without a range exports the last 24 hours; `range=all` everything.
 */
export async function GET(request: Request): Promise<Response> {
  const actor = await signedInActor()
  if (!actor) return new Response('Sign in first.\n', { status: 401 })
  const parameters = new URL(request.url).searchParams
  const given = Object.fromEntries([...parameters.keys()].map(name => [name, parameters.getAll(name)]))
  const isAll = parameters.get('range') === 'all'
  const { filter, problems } = parseFilter(isAll ? { ...given, range: undefined } : given, { preset: '24h' })
  if (problems.length > 0) return new Response(`${problems.join('\n')}\n`, { status: 400 })
  const { conditions } = filter
  const times = isAll ? { since: null, until: null } : asTimes(windowOf(filter.range, Date.now()))
  const format = parameters.get('format') === 'csv' ? 'csv' : 'ndjson'
  const proof = format === 'ndjson' && conditions.length > 0 && parameters.get('proof') === '1'
  const lines = exportRecord(actor, { format, conditions, ...times, proof })
  try {
    // The first line is asked for here, so that a refusal is an answer and no broken file.
    const first = await lines.next()
    return new Response(streamOf(lines, first.value ?? ''), { headers: headersOf(format) })
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return new Response(`${error.message}\n`, { status: statuses[error.kind] })
  }
}

function asTimes({ from, to }: { from: Date; to: Date }): { since: Date; until: Date } {
  return { since: from, until: to }
}

function headersOf(format: 'csv' | 'ndjson'): Record<string, string> {
  const day = new Date().toISOString().slice(0, 10)
  return {
    'content-type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson; charset=utf-8',
    'content-disposition': `attachment; filename="intercept-record-${day}.${format}"`,
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  }
}

/** Lines in chunks of some 64 kB, read as fast as the browser takes them; one that goes away ends the reading. */
function streamOf(lines: AsyncGenerator<string>, first: string): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let text = first
  return new ReadableStream({
    async pull(controller) {
      while (text.length < 65_536) {
        const line = await lines.next()
        if (line.done) {
          if (text !== '') controller.enqueue(encoder.encode(text))
          controller.close()
          return
        }
        text += line.value
      }
      controller.enqueue(encoder.encode(text))
      text = ''
    },
    async cancel() {
      await lines.return(undefined)
    },
  })
}
