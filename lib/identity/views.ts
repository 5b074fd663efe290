import type { Category, Risk } from '@/lib/catalogue/model'
import type { GrantState, IdentityKind } from './model'

/** A row of the list of identities. */
export interface IdentityRow {
  id: string
  name: string
  kind: IdentityKind
  labels: Record<string, string>
  /** Name of the member who answers for it. */
  steward: string | null
  disabledAt: Date | null
  createdAt: Date
  liveKeys: number
  liveGrants: number
  /** When one of its keys was last used, to half a minute. */
  lastUsedAt: Date | null
}

export interface KeyView {
  id: string
  prefix: string
  state: GrantState
  createdAt: Date
  createdBy: string
  expiresAt: Date | null
  revokedAt: Date | null
  lastUsedAt: Date | null
}

export interface GrantView {
  id: string
  /** Name of the identity. */
  identity: string
  /** Server slug. */
  server: string
  /** Names or globs. */
  tools: string[]
  state: GrantState
  until: Date | null
  reason: string
  createdAt: Date
  createdBy: string
  revokedAt: Date | null
  revokedBy: string | null
}

/** A tool of a server that a live grant names, and whether this identity's grants cover it. Policy decides the rest. */
export interface GrantedTool {
  name: string
  category: Category
  risk: Risk
  /** Ids of the live grants that cover it; none when no grant does. */
  grants: string[]
  /** Its definition was approved; proxies refuse a tool that was not. */
  approved: boolean
  /** Gone from the server's list since. */
  missingSince: Date | null
}

export interface GrantedServer {
  slug: string
  title: string
  tools: GrantedTool[]
}

/** What the page of one identity shows. */
export interface IdentityView {
  identity: Omit<IdentityRow, 'liveKeys' | 'liveGrants' | 'lastUsedAt'>
  /** Newest first; live ones before ended ones. */
  keys: KeyView[]
  grants: GrantView[]
  /** Servers on which it has a live grant, with all of their tools. */
  servers: GrantedServer[]
}
