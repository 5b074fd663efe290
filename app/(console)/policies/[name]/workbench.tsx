'use client'

import { useCallback, useRef, useState } from 'react'
import type { Analysis, Surroundings } from '@/components/code-editor/analysis'
import { countOf } from '@/components/code-editor/analysis-count'
import { countChangedLines, diffLines } from '@/components/code-editor/line-diff'
import { Form } from '@/components/form/form'
import type { FormAction, FormState } from '@/components/form/form-state'
import type { Treatment } from '@/components/policy/treatment'
import { classes } from '@/components/ui/classes'
import { Segmented } from '@/components/ui/segmented'
import { useToast } from '@/components/ui/toast'
import type { PolicyView } from '@/lib/policy-store/queries'
import type { PolicyAnswer } from '../actions'
import { ConflictNote } from './conflict-note'
import { PolicyHead } from './policy-head'
import { PublishBar } from './publish-bar'
import { TestsSheet } from './tests-sheet'
import { TextSheet } from './text-sheet'
import { ToolsSheet } from './tools-sheet'
import { useAnalysis } from './use-analysis'
import { useCitedLine } from './use-cited-line'
import { useHydrated } from './use-hydrated'
import { useUnsavedWarning } from './use-unsaved-warning'

type Conflict = Extract<PolicyAnswer, { kind: 'conflict' }>
type Part = 'tools' | 'text' | 'tests'

export interface WorkbenchProps {
  policy: PolicyView
  surroundings: Surroundings
  /** Of the text that the page opens with, read on the server. */
  analysis: Analysis
  /** What the text in force does, by tool. */
  inForce: Readonly<Record<string, Treatment>> | null
  nextRevision: number
  mayEdit: boolean
  mayPublish: boolean
  line: number | null
  action: FormAction<PolicyAnswer>
}

/** A policy on the bench: what it does to each tool, its text, its tests, and the bar that publishes it. */
export function Workbench(props: WorkbenchProps) {
  const { policy, surroundings, inForce, nextRevision, mayEdit, mayPublish, action } = props
  const opened = policy.draft?.text ?? policy.text
  const [text, setText] = useState(opened)
  const [saved, setSaved] = useState({ text: opened, version: policy.draftVersion })
  const [base, setBase] = useState(policy.draft ? (policy.draft.base ?? 0) : (policy.revision?.number ?? 0))
  const [conflict, setConflict] = useState<Conflict | null>(null)
  const [part, setPart] = useState<Part>('tools')
  const isHydrated = useHydrated()
  const bench = useRef<HTMLDivElement>(null)
  const toast = useToast()
  const { analysis, treatments, isCurrent, isOff } = useAnalysis(text, surroundings, props.analysis)
  const openText = useCallback(() => setPart('text'), [])
  const cited = useCitedLine(props.line, openText)
  const isUnsaved = text !== saved.text
  useUnsavedWarning(isUnsaved)

  const onDone = ({ result }: FormState<PolicyAnswer>) => {
    setConflict(result?.kind === 'conflict' ? result : null)
    if (result?.kind === 'saved') {
      setSaved({ text: result.text, version: result.version })
      toast({ text: 'Draft saved' })
    } else if (result?.kind === 'published') {
      setSaved({ text: result.text, version: result.version })
      setBase(result.revision)
      const view = () => location.assign(`/policies/${policy.name}/history/${result.revision}`)
      toast({ text: `r${result.revision} published`, act: { label: 'View diff', run: view } })
    } else if (result?.kind === 'discarded') {
      setText(policy.text)
      setSaved({ text: policy.text, version: result.version })
      setBase(policy.revision?.number ?? 0)
      toast({ text: 'Draft discarded' })
    }
  }
  const save = () => {
    if (!isUnsaved) return
    const form = bench.current?.closest('form')
    form?.requestSubmit(form.querySelector<HTMLButtonElement>('button[value="save"]'))
  }
  const lines = countChangedLines(diffLines(policy.text, text))
  const hasTests = analysis.tests.length > 0
  const hidden = (name: Part) => (part === name ? '' : 'max-lg:hidden')

  const resolve = (taken: Conflict, chosen: string) => {
    setText(chosen)
    setSaved({ text: taken.theirs, version: taken.version })
    setBase(taken.base)
    setConflict(null)
  }

  return (
    <Form action={action} onDone={onDone} className="flex flex-1 flex-col">
      {state => {
        // Where scripts do not run, what was sent comes back in the answer.
        const answered = !isHydrated && state.result?.kind === 'conflict' ? state.result : conflict
        const shownText = isHydrated ? text : (state.values.text ?? answered?.mine ?? text)
        return (
          <>
            <input type="hidden" name="policy" value={policy.name} />
            <input type="hidden" name="policyId" value={policy.id} />
            <input type="hidden" name="version" value={saved.version} />
            <input type="hidden" name="base" value={base} />
            <PolicyHead policy={policy} lines={lines} isUnsaved={isUnsaved} nextRevision={nextRevision} />
            <div ref={bench} className="flex flex-1 flex-col gap-4 px-4 pb-4 md:px-6">
              {answered ? (
                <ConflictNote
                  conflict={answered}
                  mine={shownText}
                  isHydrated={isHydrated}
                  onTakeTheirs={() => resolve(answered, answered.theirs)}
                  onKeepMine={() => resolve(answered, text)}
                />
              ) : null}
              <div className="lg:hidden">
                <Segmented
                  label="Part"
                  value={part}
                  onChoose={key => setPart(key as Part)}
                  segments={[
                    { key: 'tools', label: 'Tools' },
                    { key: 'text', label: 'Text' },
                    ...(hasTests ? [{ key: 'tests', label: 'Tests' }] : []),
                  ]}
                />
              </div>
              <div className="grid min-h-0 flex-1 grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[minmax(0,1fr)_minmax(26rem,33rem)]">
                <div className="flex min-w-0 flex-col gap-4">
                  <ToolsSheet
                    className={classes(hidden('tools'))}
                    scope={policy.scope}
                    surroundings={surroundings}
                    treatments={treatments}
                    isBehind={analysis.treatments === null}
                    inForce={inForce}
                    revision={policy.revision?.number ?? null}
                  />
                  {hasTests ? <TestsSheet tests={analysis.tests} className={hidden('tests')} /> : null}
                </div>
                <TextSheet
                  className={hidden('text')}
                  policy={policy}
                  text={shownText}
                  tools={surroundings.tools}
                  analysis={isCurrent ? analysis : null}
                  isOff={isOff}
                  cited={cited}
                  isReadOnly={!mayEdit}
                  onChange={setText}
                  onSave={save}
                />
              </div>
            </div>
            {mayEdit ? (
              <PublishBar
                key={policy.revision?.number}
                lines={lines}
                count={countOf(analysis)}
                tests={analysis.tests.length}
                isUnsaved={isUnsaved}
                isRead={isCurrent || isOff}
                hasDraft={policy.draft !== null}
                isFirst={policy.revision === null}
                nextRevision={nextRevision}
                mayPublish={mayPublish}
              />
            ) : null}
          </>
        )
      }}
    </Form>
  )
}
