import { database } from '@/lib/db/current'

export const dynamic = 'force-dynamic'

/** Whether the console answers and reaches its database. Anyone may ask, so it says no more than that. */
export async function GET(): Promise<Response> {
  try {
    await database().sql.query('SELECT 1')
    return Response.json({ status: 'ok' })
  } catch {
    return Response.json({ status: 'database away' }, { status: 503 })
  }
}
