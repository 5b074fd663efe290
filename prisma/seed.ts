import { readFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { seedActor } from '@/lib/auth/model'
import { addServer, approveTools, scanServer } from '@/lib/catalogue/commands'
import { readServers } from '@/lib/catalogue/queries'
import { database } from '@/lib/db/current'
import { readEnv } from '@/lib/env'
import { addGrant, addIdentity } from '@/lib/identity/commands'
import { readIdentities, readIdentity } from '@/lib/identity/queries'
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

/** Whether nobody but the seed has changed anything: whoever removed the demonstration does not get it back. */
async function isUntouched(): Promise<boolean> {
  return (await database().prisma.change.findFirst({ where: { actorKind: { not: 'seed' } } })) === null
}

/**
 * Fills an empty database through the same commands as people use, as actor `seed`. Each part is made when it is not there,
 * so that a run after a killed one makes what is missing; once somebody has changed anything, nothing is made.
 * @returns what was made, for the launcher to print
 * @throws Refusal when the Mistral server does not list its tools
 */
export async function seed(): Promise<string[]> {
  if (!(await isUntouched())) return []
  const made: string[] = []
  const mistral = async () => (await readServers(seedActor)).find(server => server.slug === slug)
  if (!(await mistral())) {
    await seedServer()
    made.push(`server ${slug}`)
  }
  const server = await mistral()
  if (server && (server.tools === 0 || server.waiting > 0)) {
    await seedDefinitions()
    made.push('its tool definitions')
  }
  if (!server?.policy?.revision) {
    await seedPolicy()
    made.push(`policy ${policyName}`)
  }
  const { identities } = await readIdentities(seedActor)
  if (!identities.some(each => each.name === identity)) {
    await addIdentity(seedActor, { name: identity, kind: 'agent' })
    made.push(`identity ${identity}`)
  }
  if ((await readIdentity(seedActor, identity)).grants.length === 0) {
    await addGrant(seedActor, { identity, server: slug, tools: ['*'], reason: 'To try Intercept with.' })
    made.push('its grant')
  }
  return made
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    const made = await seed()
    process.stdout.write(made.length > 0 ? `Seeded ${made.join(', ')}.\n` : 'Nothing to seed.\n')
  } finally {
    await database().close()
  }
}
