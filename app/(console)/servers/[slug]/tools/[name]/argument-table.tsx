import { Band, Sheet } from '@/components/ui/sheet'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import { argumentRows } from '../../argument-rows'

/** The arguments that a tool takes, by its schema. */
export function ArgumentTable({ schema }: { schema: unknown }) {
  const rows = argumentRows(schema)
  return (
    <Sheet>
      <Band title="Arguments">
        <span className="text-xs text-ink-3">
          {rows.length === 0 ? 'its schema names none' : `${rows.length}, by its schema`}
        </span>
      </Band>
      {rows.length === 0 ? null : (
        <Table>
          <thead className="max-md:sr-only">
            <tr>
              <Th>Name</Th>
              <Th className="max-md:hidden">Type</Th>
              <Th>What it is</Th>
            </tr>
          </thead>
          <tbody>
            {rows.map(row => (
              <Tr key={row.name}>
                <Td className="py-2 align-top">
                  <span className="font-mono text-xs font-strong">{row.name}</span>
                  <span className="block text-xs text-ink-3">{row.isRequired ? 'required' : 'optional'}</span>
                </Td>
                <Td mono className="min-w-36 py-2 align-top whitespace-normal! text-ink-2 max-md:hidden">
                  {row.type}
                </Td>
                <Td className="w-full py-2 align-top whitespace-normal! text-ink-2">
                  <span className="block font-mono text-xs wrap-anywhere text-ink-3 md:hidden">{row.type}</span>
                  {row.description || <span className="text-ink-3">No description</span>}
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      )}
    </Sheet>
  )
}
