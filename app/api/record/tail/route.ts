import { parseFilter } from '@/lib/audit/filter/parse'
import { authoriseView } from '@/lib/audit/queries'
import { TailFull, tailHub } from '@/lib/audit/tail/hub'
import { signedInActor, signedInMember } from '@/lib/auth/current-user'
import { Refusal } from '@/lib/auth/refusal'

export const dynamic = 'force-dynamic'

const RETRY_SECONDS = 30

/**
 * Records as they are shipped, as server-sent events, by the filter of the page. `after`, or `Last-Event-ID` of a stream that
 * broke, says which batch was seen last.
 */
export async function GET(request: Request): Promise<Response> {
  const [actor, member] = [await signedInActor(), await signedInMember()]
  if (!actor || !member) return new Response('Sign in first.\n', { status: 401 })
  const parameters = new URL(request.url).searchParams
  const given = Object.fromEntries([...parameters.keys()].map(name => [name, parameters.getAll(name)]))
  const { filter, problems } = parseFilter(given, { preset: '24h' })
  if (problems.length > 0) return new Response(`${problems.join('\n')}\n`, { status: 400 })
  try {
    authoriseView(actor, filter)
    const after = numberOf(request.headers.get('last-event-id') ?? parameters.get('after'))
    return new Response(tailHub().open(member, filter, after).stream, { headers })
  } catch (error) {
    if (error instanceof Refusal) return new Response(`${error.message}\n`, { status: 403 })
    if (!(error instanceof TailFull)) throw error
    return new Response(`${error.message}\n`, { status: 503, headers: { 'retry-after': String(RETRY_SECONDS) } })
  }
}

const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  // Compressing would hold events back.
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
}

function numberOf(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null
}
