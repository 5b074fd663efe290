/** Every page of the console and the public side, with a name for its screenshot. */
export const publicPages: [name: string, path: string][] = [
  ['landing', '/'],
  ['contact', '/contact'],
  ['sign-in', '/sign-in'],
]

export const consolePages: [name: string, path: string][] = [
  ['overview', '/overview?range=1h'],
  ['audit', '/audit'],
  ['blocked', '/blocked'],
  ['changes', '/changes'],
  ['policies', '/policies'],
  ['policy', '/policies/io-github-swih-mistral-mcp.yaml'],
  ['policy-history', '/policies/io-github-swih-mistral-mcp.yaml/history'],
  ['servers', '/servers'],
  ['server-new', '/servers/new'],
  ['server', '/servers/mistral'],
  ['tool', '/servers/mistral/tools/workflow_interact'],
  ['identities', '/identities'],
  ['identity-new', '/identities/new'],
  ['identity', '/identities/demo-agent'],
  ['proxies', '/proxies'],
  ['settings', '/settings'],
  ['sinks', '/settings/sinks'],
  ['sink-new', '/settings/sinks/new?kind=webhook'],
  ['integrity', '/settings/integrity'],
  ['early-access', '/settings/early-access'],
  ['messages', '/settings/messages'],
]
