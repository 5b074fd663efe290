'use client'

import { useState } from 'react'
import { Form } from '@/components/form/form'
import { SubmitButton } from '@/components/form/submit-button'
import type { Treatment } from '@/components/policy/treatment'
import { Empty } from '@/components/ui/empty'
import { Note } from '@/components/ui/note'
import { Band, Sheet } from '@/components/ui/sheet'
import { Table, Th } from '@/components/ui/table'
import { useToast } from '@/components/ui/toast'
import type { ToolView } from '@/lib/catalogue/queries'
import { approveToolsAction } from '../actions'
import { ScanButton } from './scan'
import { ToolRow } from './tool-row'

/** What the list shows of a tool; its definition is on its own page. */
export type ListedTool = Omit<ToolView, 'definition' | 'pinned' | 'description'>

/** Every tool of a server, with what is open about its definition and what the policies in force do with it. */
export function ToolTable({
  slug,
  policy,
  tools,
  drift,
  treatments,
  hrefs,
  mayManage,
  wasScanned,
}: {
  slug: string
  policy: string | null
  tools: readonly ListedTool[]
  drift: 'block' | 'warn'
  treatments: Readonly<Record<string, Treatment>>
  /** Where a rule can be opened, by `<policy> <line>`. */
  hrefs: Readonly<Record<string, string>>
  mayManage: boolean
  wasScanned: boolean
}) {
  const open = tools.filter(tool => (tool.state === 'waiting' || tool.state === 'drifted') && tool.seenDigest)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const toast = useToast()
  if (tools.length === 0) {
    return (
      <Sheet>
        <Empty
          title={wasScanned ? 'The server lists no tools' : 'Not scanned yet'}
          actions={mayManage ? <ScanButton slug={slug} kind="line" /> : null}
        >
          <p>
            A scan starts the server and reads its tools. They are refused until you approve what it shows
            {mayManage ? '.' : '; an admin scans it.'}
          </p>
        </Empty>
      </Sheet>
    )
  }
  const mayApprove = mayManage && open.length > 0
  const count = open.filter(tool => chosen.has(tool.name)).length
  return (
    <Form
      action={approveToolsAction}
      className="min-w-0"
      onDone={({ result }) => {
        setChosen(new Set())
        toast({ text: result === 1 ? '1 definition approved' : `${result} definitions approved` })
      }}
    >
      <input type="hidden" name="slug" value={slug} />
      {open.map(tool => (
        <input key={tool.name} type="hidden" name="shown" value={`${tool.seenDigest} ${tool.name}`} />
      ))}
      <Sheet>
        <Band title="Tools">
          <span className="text-xs text-ink-3">
            {tools.length} listed{policy === null ? ', no policy: every call is refused' : ''}
          </span>
          {mayApprove ? (
            <span className="ml-auto flex flex-wrap gap-2">
              <SubmitButton size="small" name="approve" value="chosen" disabled={count === 0}>
                Approve {count} chosen
              </SubmitButton>
              <SubmitButton size="small" kind="act" name="approve" value="all">
                Approve all {open.length} shown
              </SubmitButton>
            </span>
          ) : null}
        </Band>
        {open.length > 0 ? <OpenNote open={open} drift={drift} /> : null}
        <Table>
          <thead className="max-md:sr-only">
            <tr>
              <Th>Tool</Th>
              <Th className="max-md:hidden">Category and risk</Th>
              <Th className="max-md:hidden">Definition</Th>
              <Th>In force</Th>
            </tr>
          </thead>
          <tbody>
            {tools.map(tool => (
              <ToolRow
                key={tool.name}
                slug={slug}
                tool={tool}
                treatment={treatments[tool.name]}
                hrefs={hrefs}
                mayChoose={mayApprove}
                mayManage={mayManage}
                isChosen={chosen.has(tool.name)}
                onChoose={isChosen => setChosen(all => withName(all, tool.name, isChosen))}
              />
            ))}
          </tbody>
        </Table>
      </Sheet>
    </Form>
  )
}

function withName(all: ReadonlySet<string>, name: string, isIn: boolean): ReadonlySet<string> {
  const next = new Set(all)
  if (isIn) next.add(name)
  else next.delete(name)
  return next
}

function OpenNote({ open, drift }: { open: readonly ListedTool[]; drift: 'block' | 'warn' }) {
  const drifted = open.filter(tool => tool.state === 'drifted').length
  const waiting = open.length - drifted
  const count = (number: number, one: string, many: string) => (number === 1 ? `1 ${one}` : `${number} ${many}`)
  return (
    <Note tone="warn" className="rounded-none! border-x-0 border-t-0">
      {drifted > 0 ? (
        <p>
          <b>{count(drifted, 'definition has', 'definitions have')} drifted</b> from what was approved.{' '}
          {drift === 'block' ? 'Calls are refused' : 'Calls pass and are marked'} until somebody compares them.
        </p>
      ) : null}
      {waiting > 0 ? (
        <p>
          <b>{count(waiting, 'tool was', 'tools were')} never approved.</b> Calls are refused until you do. Open a tool
          to read what it says of itself.
        </p>
      ) : null}
    </Note>
  )
}
