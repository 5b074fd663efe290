export { addGrant, revokeGrant } from './grants'
export { addIdentity, disableIdentity, enableIdentity } from './identities'
export { issueKey, revokeKey } from './keys'
