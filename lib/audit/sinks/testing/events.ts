import { chainOf } from '../../testing/chains'
import { eventOf, type SinkEvent } from '../event'

/** Events of so many calls, as the forwarder makes them of stored records. */
export function eventsOf(calls: number, more: Parameters<typeof chainOf>[1] = {}): SinkEvent[] {
  return chainOf(calls, more).links.map(({ chain, sequence, hash, kind, record }) => {
    const {
      id,
      decision_id,
      time,
      recorded_at,
      proxy = 'proxy-1',
      server = 'mistral',
      effect = 'allow',
    } = JSON.parse(record ?? '')
    const link = {
      kind,
      sequence,
      hash,
      id: id ?? decision_id,
      time: new Date(time ?? recorded_at),
      proxy,
      server,
      effect,
    }
    return eventOf(chain, { ...link, record, quarantined: false }, true)
  })
}
