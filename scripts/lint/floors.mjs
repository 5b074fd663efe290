// The floors of the house (docs/decisions/floors.md) as one lint rule: who may import whom.
import path from 'node:path'

const root = process.cwd()

/** Names a floor for each file; the first pattern that fits wins. */
const floors = [
  ['test', /\.test\.tsx?$|^e2e\/|^[^/]+\/(.*\/)?testdata\/|^lib\/db\/testing|(^|\/)testing\//],
  ['kernel', /^lib\/policy(\/|\.ts$)/],
  ['queries', /^lib\/[^/]+\/(.*\/)?queries(\.tsx?$|\/|$)/],
  ['commands', /^lib\/[^/]+\/(.*\/)?commands(\.tsx?$|\/|$)/],
  ['generated', /^lib\/db\/generated(\/|$)/],
  ['db', /^lib\/db\//],
  ['lib', /^lib\//],
  ['wire', /^proxy\/mcp\//],
  ['proxy', /^proxy\//],
  ['request', /^proxy(\.ts)?$/],
  ['ui', /^components\/ui\//],
  ['charts', /^components\/charts\//],
  ['components', /^components\//],
  ['app', /^app\//],
  ['cli', /^cli\//],
  ['scripts', /^scripts\//],
  ['prisma', /^prisma\//],
]

const kernelPackages = /^(zod|yaml|re2js|ajv|@noble\/hashes)(\/|$)/
const react = /^(react|react-dom|next|next-auth)(\/|$)/
const sdk = /^@modelcontextprotocol\/sdk(\/|$)/
const primitives = /^(radix-ui|@radix-ui\/.*)$/

/** Each rule: files it holds for, imports it forbids (floor names or a test on the specifier), and what to do instead. */
const rules = [
  {
    of: ['kernel'],
    forbids: ({ floor, specifier }) => (floor ? floor !== 'kernel' : !kernelPackages.test(specifier)),
    say: 'The kernel is pure: it imports nothing of ours and only zod, yaml, re2js, ajv and @noble/hashes.',
  },
  {
    of: ['app', 'components', 'ui', 'charts', 'lib', 'queries', 'commands', 'db', 'cli', 'prisma', 'request'],
    forbids: ({ floor }) => floor === 'proxy' || floor === 'wire',
    say: 'Only the proxy imports the proxy; console and proxy meet in the database and in lib/.',
  },
  {
    of: ['proxy', 'wire'],
    forbids: ({ floor, specifier }) =>
      ['app', 'components', 'ui', 'charts', 'queries', 'commands', 'cli', 'prisma'].includes(floor) ||
      react.test(specifier),
    say: 'The proxy imports stores and the kernel, never app, components, queries, commands, next or react.',
  },
  {
    of: ['lib', 'queries', 'commands', 'db'],
    forbids: ({ floor }) => ['app', 'components', 'ui', 'charts', 'cli', 'prisma', 'scripts'].includes(floor),
    say: 'Arrows point down: lib/ knows no page, component, command line or seed.',
  },
  {
    of: ['lib', 'queries', 'commands', 'db'],
    except: /^lib\/auth\//,
    forbids: ({ specifier }) => react.test(specifier),
    say: 'lib/ is everything that is not React; only lib/auth wraps next-auth.',
  },
  {
    of: ['components', 'ui', 'charts'],
    forbids: ({ floor, isType, target }) =>
      ['app', 'db', 'generated', 'cli', 'scripts'].includes(floor) ||
      ((floor === 'queries' || floor === 'commands') && !isType) ||
      (floor === 'lib' && !isType && !/(^|\/)model$|^lib\/auth\/model$/.test(target)),
    say: 'Components take values and import only model.ts and the kernel from lib/ (types from anywhere).',
  },
  {
    of: ['app', 'cli', 'components', 'ui', 'charts'],
    forbids: ({ floor, target, isType }) =>
      !isType &&
      (/^lib\/(?!db\/)[^/]+\/store(\/|$)/.test(target) ||
        floor === 'generated' ||
        (floor === 'db' && /^lib\/db\/(client|sql)$/.test(target))),
    say: 'Doors are thin: pages, actions and commands go through queries.ts and commands.ts, never to a store or the database.',
  },
  {
    of: [
      'app',
      'components',
      'ui',
      'charts',
      'lib',
      'queries',
      'commands',
      'cli',
      'proxy',
      'wire',
      'kernel',
      'prisma',
      'scripts',
    ],
    forbids: ({ floor, isType }) => floor === 'generated' && !isType,
    say: 'Only lib/db touches the generated client as a value.',
  },
  {
    of: [
      'app',
      'components',
      'ui',
      'charts',
      'lib',
      'queries',
      'commands',
      'db',
      'cli',
      'proxy',
      'prisma',
      'scripts',
      'request',
    ],
    except: /^lib\/catalogue\/scan(-connection|-sse|-stateless)?\.ts$/, // docs/decisions/scan-client.md
    forbids: ({ specifier }) => sdk.test(specifier),
    say: 'Only proxy/mcp (and the scan client) imports the MCP SDK.',
  },
  {
    of: ['app', 'components', 'charts', 'lib', 'queries', 'commands', 'db', 'cli', 'proxy', 'wire', 'request'],
    forbids: ({ specifier }) => primitives.test(specifier),
    say: 'Only components/ui imports the primitives library.',
  },
  {
    of: ['app', 'components', 'ui', 'lib', 'queries', 'commands', 'db', 'cli', 'proxy', 'wire', 'request'],
    forbids: ({ specifier }) => /^(d3(-.*)?|recharts|@visx\/.*|chart\.js|echarts|victory.*)(\/|$)/.test(specifier),
    say: 'Only components/charts imports a chart library.',
  },
  {
    of: ['app', 'components', 'ui', 'charts', 'lib', 'queries', 'commands', 'db', 'cli', 'proxy', 'wire', 'prisma'],
    except: /^lib\/auth\/current-user\.ts$/,
    forbids: ({ specifier }) => specifier === 'server-only',
    say: 'server-only throws in plain Node: only lib/auth/current-user.ts may import it.',
  },
]

const rooms = /(^|\/)(utils?|helpers?|common|types|hooks|services)(\/|\.tsx?$)/

const floorOf = file => floors.find(([, pattern]) => pattern.test(file))?.[0]

/** The file of ours that a specifier names, relative to the root and without extension; null for a package. */
function resolve(specifier, from) {
  if (specifier.startsWith('@/')) return specifier.slice(2)
  if (specifier.startsWith('.')) return path.posix.join(path.posix.dirname(from), specifier)
  return null
}

const rule = {
  create(context) {
    const file = path
      .relative(root, context.filename ?? context.getFilename())
      .split(path.sep)
      .join('/')
    const own = floorOf(file)
    let client = false
    const check = (node, isType) => {
      const specifier = node?.source?.value
      if (typeof specifier !== 'string' || own === undefined || own === 'test') return
      const target = (resolve(specifier, file) ?? '').replace(/\.(tsx?|mjs|js)$/, '')
      const floor = target ? floorOf(`${target}.ts`) : undefined
      for (const { of, except, forbids, say } of rules) {
        if (!of.includes(own) || except?.test(file)) continue
        if (forbids({ floor, specifier: target ? '' : specifier, target, isType }))
          context.report({ node, message: say })
      }
      if (client && !isType && ['queries', 'commands', 'db', 'generated'].includes(floor))
        context.report({
          node,
          message: 'A client component never loads queries, commands or the database; pass it values.',
        })
    }
    return {
      Program(node) {
        client = node.body.some(statement => statement.directive === 'use client')
        if (rooms.test(file))
          context.report({ node, message: 'This room says nothing of what is in it: name it by a word of the domain.' })
      },
      ImportDeclaration: node => check(node, node.importKind === 'type'),
      ExportNamedDeclaration: node => node.source && check(node, node.exportKind === 'type'),
      ExportAllDeclaration: node => check(node, node.exportKind === 'type'),
      ImportExpression: node => check(node, false),
    }
  },
}

export default { meta: { name: 'house' }, rules: { floors: rule } }
