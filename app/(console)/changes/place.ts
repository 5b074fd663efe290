import type { ChangeRow } from '@/lib/audit/queries'

/** The page of the thing that was changed, where it has one; it may be gone since. */
export function placeOf({ entity, label }: Pick<ChangeRow, 'entity' | 'label'>): string | null {
  const name = encodeURIComponent(label)
  switch (entity) {
    case 'policy':
      return `/policies/${name}`
    case 'server':
      return `/servers/${name}`
    case 'identity':
      return `/identities/${name}`
    case 'sink':
      return `/settings/sinks/${name}`
    default:
      return null
  }
}
