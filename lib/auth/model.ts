import { z } from 'zod'

export const Role = z.enum(
  ['viewer', 'editor', 'approver', 'auditor', 'admin', 'owner'],
  'A role is viewer, editor, approver, auditor, admin or owner.',
)
export type Role = z.infer<typeof Role>

/** What a console user may do; each action is asked for by exactly the commands and queries that need it. */
export type Action =
  | 'read'
  | 'read.arguments'
  | 'record.export'
  | 'policy.edit'
  | 'policy.publish'
  | 'server.manage'
  | 'identity.manage'
  | 'member.manage'
  | 'sink.manage'
  | 'owner.manage'
  | 'site.read'

const allowedByRole: Record<Exclude<Role, 'owner'>, readonly Action[]> = {
  viewer: ['read'],
  editor: ['read', 'policy.edit', 'policy.publish'],
  approver: ['read'],
  auditor: ['read', 'read.arguments', 'record.export'],
  admin: ['read', 'server.manage', 'identity.manage', 'member.manage', 'sink.manage'],
}

/** Who acts: a signed-in member, somebody at the command line of this host, or the seed. */
export interface Actor {
  kind: 'member' | 'cli' | 'seed'
  /** Member id; for the command line `user@host`. */
  id: string | null
  name: string
  roles: readonly Role[]
  /** Address that the request came from, or the host of the command line. */
  source: string
}

/** The one question of authorisation. An owner may do everything. */
export function can(actor: Actor, action: Action): boolean {
  return actor.roles.some(role => role === 'owner' || allowedByRole[role].includes(action))
}

/** Whoever can run the command line with the database's password is an owner of it; the change log names the OS user. */
export function commandLineActor(user: string, host: string): Actor {
  return { kind: 'cli', id: `${user}@${host}`, name: `${user}@${host}`, roles: ['owner'], source: host }
}

export const seedActor: Actor = { kind: 'seed', id: null, name: 'seed', roles: ['owner'], source: '' }
