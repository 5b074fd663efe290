import type { Treatment } from '@/components/policy/treatment'
import { TreatmentCell, treatmentInWords } from '@/components/policy/treatment-cell'
import { CategoryBits, CategoryLetter } from '@/components/ui/category-letter'
import { classes } from '@/components/ui/classes'
import { Empty } from '@/components/ui/empty'
import { RiskMeter } from '@/components/ui/risk-meter'
import { Band, Sheet } from '@/components/ui/sheet'
import { Table, Td, Tr } from '@/components/ui/table'
import { TextLink } from '@/components/ui/text-link'
import type { ServerView } from '@/lib/catalogue/queries'
import type { GrantedServer, GrantedTool, IdentityView } from '@/lib/identity/queries'
import type { DocumentsInForce } from '../../policies/in-force'
import { definitionOf } from '../../servers/definition-of'
import { effectiveTreatment } from '../effective'
import { permissionBits } from '../permission-bits'

/** Each tool of the servers that it has a grant on, with what becomes of its calls. */
export function MayDoSheet({
  view,
  servers,
  documents,
}: {
  view: IdentityView
  servers: readonly ServerView[]
  documents: DocumentsInForce
}) {
  const { newest } = documents
  return (
    <Sheet>
      <Band title="What it may do">
        <span className="text-xs text-ink-3 max-md:hidden">
          {newest === null
            ? 'nothing was published yet: every call is refused'
            : `grants and policy together, as proxies decide it in r${newest}`}
        </span>
      </Band>
      {view.servers.length === 0 ? (
        <Empty title="Nothing yet">
          <p>
            Without a grant every call of it is refused, and no tool is listed to it. Grant it tools above or with{' '}
            <code className="literal">intercept grant add {view.identity.name} --server S --tools GLOB</code>.
          </p>
        </Empty>
      ) : (
        <Table>
          <thead className="sr-only">
            <tr>
              <th scope="col">Tool</th>
              <th scope="col">Risk</th>
              <th scope="col">What becomes of a call</th>
              <th scope="col">It asks</th>
            </tr>
          </thead>
          {view.servers.map(server => (
            <ServerRows
              key={server.slug}
              server={server}
              known={servers.find(one => one.slug === server.slug)}
              view={view}
              documents={documents}
            />
          ))}
        </Table>
      )}
    </Sheet>
  )
}

function ServerRows({
  server,
  known,
  view,
  documents,
}: {
  server: GrantedServer
  known: ServerView | undefined
  view: IdentityView
  documents: DocumentsInForce
}) {
  const { id, name, kind, labels } = view.identity
  const grants = view.grants.filter(grant => grant.state === 'live' && grant.server === server.slug)
  const [bits] = permissionBits(grants, known ? [known] : [])
  const circumstances = { server: server.slug, identity: { id, name, kind, labels } }
  return (
    <tbody>
      <tr>
        <td colSpan={4} className="h-9.5 border-b border-line bg-paper pr-4">
          <span className="flex items-center gap-3">
            <TextLink href={`/servers/${server.slug}`} className="font-head text-ink!">
              {server.slug}
            </TextLink>
            <CategoryBits categories={bits?.categories ?? []} />
            <span className="ml-auto text-xs text-ink-2 max-md:hidden">
              granted <span className="font-mono">{[...new Set(grants.flatMap(grant => grant.tools))].join(', ')}</span>
            </span>
          </span>
        </td>
      </tr>
      {server.tools.map(tool => {
        const seen = known?.tools.find(one => one.name === tool.name)
        const definition = seen ? definitionOf(seen) : { ...tool, inputSchema: {} }
        const treatment = effectiveTreatment(tool, definition, documents.of(server.slug), circumstances)
        return <ToolLine key={tool.name} slug={server.slug} tool={tool} treatment={treatment} documents={documents} />
      })}
    </tbody>
  )
}

function ToolLine({
  slug,
  tool,
  treatment,
  documents,
}: {
  slug: string
  tool: GrantedTool
  treatment: Treatment
  documents: DocumentsInForce
}) {
  const words = treatmentInWords(treatment)
  return (
    <Tr>
      <Td>
        <span className="flex items-center gap-2">
          <CategoryLetter category={tool.category} wordless />
          <TextLink
            href={`/servers/${slug}/tools/${encodeURIComponent(tool.name)}`}
            className={classes(
              'font-mono text-xs font-label',
              treatment.kind === 'hidden' ? 'text-ink-3!' : 'text-ink!',
            )}
          >
            {tool.name}
          </TextLink>
        </span>
      </Td>
      <Td className="max-md:hidden">
        <RiskMeter risk={tool.risk} />
      </Td>
      <Td className="py-1.5 max-md:whitespace-normal!">
        <TreatmentCell treatment={treatment} hrefOf={rule => documents.hrefOf(rule.policy, rule.line)} />
        <span className="block text-xs text-ink-2 md:hidden">{words}</span>
      </Td>
      <Td className="w-2/5 py-1.5 text-xs whitespace-normal! text-ink-2 max-md:hidden">{words}</Td>
    </Tr>
  )
}
