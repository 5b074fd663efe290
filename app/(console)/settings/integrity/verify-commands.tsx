import { CodeBlock } from '@/components/ui/code-block'
import { CopyButton } from '@/components/ui/copy-button'

/** What to type to verify the record with nothing but what was kept outside. */
export function VerifyCommands({ hasStatements, hasStamps }: { hasStatements: boolean; hasStamps: boolean }) {
  const steps = [
    {
      what: 'On a proxy’s host: its public key. Keep it where the record is not.',
      command: `npx intercept audit key > proxy.pem${hasStatements ? '\nnpx intercept audit key --retention > retention.pem' : ''}`,
    },
    { what: 'Here: the whole record.', command: 'npx intercept audit export --output record.ndjson' },
    {
      what: 'Anywhere, without a database: the record against what was kept outside.',
      command: [
        'npx intercept audit verify --file record.ndjson',
        '--checkpoints outside.ndjson --key proxy.pem',
        ...(hasStatements ? ['--retention-key retention.pem'] : []),
        ...(hasStamps ? ['--tsa-certificate authority.pem'] : []),
      ].join(' \\\n  '),
    },
  ]
  return (
    <ol className="flex flex-col gap-3">
      {steps.map(({ what, command }) => (
        <li key={what}>
          <div className="mb-1 flex flex-wrap items-center gap-2">
            <span className="text-ink-2">{what}</span>
            <span className="ml-auto">
              <CopyButton text={command} />
            </span>
          </div>
          <CodeBlock
            text={command}
            language="plain"
            numbers={false}
            well
            wrap
            label={what}
            className="rounded-2 px-3"
          />
        </li>
      ))}
    </ol>
  )
}
