import { Icon, type IconName } from '@/components/ui/icon'
import type { IdentityKind } from '@/lib/identity/model'

const icons: Record<IdentityKind, IconName> = { agent: 'agent', service: 'proxies', person: 'person' }

export const kindWords: Record<IdentityKind, string> = { agent: 'Agent', service: 'Service', person: 'Person' }

/** The drawing of an identity's kind; the word stands beside it. */
export function KindIcon({ kind, className }: { kind: IdentityKind; className?: string }) {
  return <Icon name={icons[kind]} {...(className ? { className } : {})} />
}
