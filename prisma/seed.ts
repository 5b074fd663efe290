import { readFile } from 'node:fs/promises'
import { seedActor } from '@/lib/auth/model'
import { addServer, approveTools, scanServer } from '@/lib/catalogue/commands'
import { readServers, type ServerRow } from '@/lib/catalogue/queries'
import { database } from '@/lib/db/current'
import { readEnv } from '@/lib/env'
import { addGrant, addIdentity } from '@/lib/identity/commands'
import { type IdentityRow, readIdentities } from '@/lib/identity/queries'
import { publishFor } from '@/lib/policy-store/commands'

const slug = 'mistral'
const policyName = 'io-github-swih-mistral-mcp.yaml'
const identity = 'demo-agent'

/** The Mistral server, its definitions read from the running server. Its path starts at the checkout's root: see launchOf. */
async function seedServer(): Promise<void> {
  const { mistralApiKey } = readEnv()
  await addServer(seedActor, {
    slug,
    title: 'Mistral',
    registryName: 'io.github.Swih/mistral-mcp',
    transport: 'stdio',
    command: ['node', 'node_modules/mistral-mcp/dist/index.js'],
    environment: mistralApiKey ? { MISTRAL_API_KEY: mistralApiKey } : {},
  })
}

async function seedDefinitions(): Promise<void> {
  const { tools } = await scanServer(seedActor, { slug })
  const digests = Object.fromEntries(tools.map(tool => [tool.name, tool.digest]))
  await approveTools(seedActor, { slug, tools: 'all', digests })
}

async function seedPolicy(): Promise<void> {
  const text = await readFile(new URL(`./seeds/${policyName}`, import.meta.url), 'utf8')
  await publishFor(seedActor, { server: slug, name: policyName, text, note: 'The first rules, from the seed.' })
}

interface Part {
  /** What the change log calls it: a part that the seed made once is never made again. */
  readonly action: string
  readonly what: string
  readonly isMissing: (server: ServerRow | undefined, agent: IdentityRow | undefined) => boolean
  readonly make: () => Promise<unknown>
}

const parts: readonly Part[] = [
  { action: 'server.add', what: `server ${slug}`, isMissing: server => !server, make: seedServer },
  {
    action: 'tool.approve',
    what: 'its tool definitions',
    isMissing: server => server !== undefined && (server.tools === 0 || server.waiting > 0),
    make: seedDefinitions,
  },
  {
    action: 'policy.publish',
    what: `policy ${policyName}`,
    isMissing: server => server !== undefined && !server.policy?.revision,
    make: seedPolicy,
  },
  {
    action: 'identity.add',
    what: `identity ${identity}`,
    isMissing: (_server, agent) => !agent,
    make: () => addIdentity(seedActor, { name: identity, kind: 'agent' }),
  },
  {
    action: 'grant.add',
    what: 'its grant',
    isMissing: (server, agent) => server !== undefined && agent?.liveGrants === 0,
    make: () => addGrant(seedActor, { identity, server: slug, tools: ['*'], reason: 'To try Intercept with.' }),
  },
]

/**
 * Fills an empty database through the same commands as people use, as actor `seed`. A run after a killed or failed one
 * makes what is missing; what was made once and then removed by somebody does not come back.
 * @returns what was made
 * @throws Refusal when the Mistral server does not list its tools
 */
export async function seed(): Promise<string[]> {
  const { prisma } = database()
  const seeded = await prisma.change.findMany({
    where: { actorKind: 'seed' },
    distinct: ['action'],
    select: { action: true },
  })
  const done = new Set(seeded.map(change => change.action))
  if (done.size === 0 && (await prisma.change.findFirst())) return []
  const made: string[] = []
  for (const { action, what, isMissing, make } of parts) {
    const server = (await readServers(seedActor)).find(each => each.slug === slug)
    const agent = (await readIdentities(seedActor)).identities.find(each => each.name === identity)
    if (done.has(action) || !isMissing(server, agent)) continue
    await make()
    made.push(what)
  }
  return made
}
