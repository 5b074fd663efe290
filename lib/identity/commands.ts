export { addGrant, revokeGrant } from './grant-commands'
export { addIdentity, disableIdentity, enableIdentity } from './identity-commands'
export { issueKey, revokeKey } from './key-commands'
