import type { Actor } from '@/lib/auth/model'
import type { Transaction } from '@/lib/db/client'
import { uuidv7 } from '@/lib/db/uuid'

/** What was changed. `before` and `after` hold only fields that may be read by every viewer: never a secret. */
export interface ChangeInput {
  /** `entity.verb`, say `policy.publish`. */
  action: string
  entity: string
  entityId: string
  /** The entity's name for people. */
  label: string
  before?: object | null
  after?: object | null
}

/** Writes a change record inside the change's own transaction. */
export async function writeChange(tx: Transaction, actor: Actor, change: ChangeInput): Promise<void> {
  await tx.change.create({
    data: {
      id: uuidv7(),
      actorKind: actor.kind,
      actorId: actor.id,
      actor: actor.name,
      source: actor.source,
      action: change.action,
      entity: change.entity,
      entityId: change.entityId,
      label: change.label,
      ...(change.before ? { before: change.before } : {}),
      ...(change.after ? { after: change.after } : {}),
    },
  })
}
