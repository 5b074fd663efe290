import type { Role } from '@/lib/auth/model'

/** What each role may do, in one line. */
export const roleWords: Readonly<Record<Role, string>> = {
  viewer: 'reads everything but arguments',
  editor: 'drafts and publishes policies',
  approver: 'answers requests and approvals',
  auditor: 'reads arguments and exports',
  admin: 'servers, identities, keys, grants, members but owners',
  owner: 'everything',
}
