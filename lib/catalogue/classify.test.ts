import { expect, test } from 'vitest'
import { type CategorySource, classify } from './classify'
import { type Category, riskOf } from './model'

type Row = [name: string, annotations: Record<string, unknown> | undefined, category: Category, source: CategorySource]

const claimed = {
  reads: { readOnlyHint: true },
  readsOrNot: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  writes: { readOnlyHint: false, destructiveHint: false },
  writesOnly: { readOnlyHint: false },
  destroys: { readOnlyHint: false, destructiveHint: true },
}

const golden: Row[] = [
  // The Mistral server's own eight, as it annotates them.
  ['mistral_chat', claimed.readsOrNot, 'Read', 'annotations'],
  ['codestral_fim', claimed.readsOrNot, 'Read', 'annotations'],
  ['mistral_vision', claimed.readsOrNot, 'Read', 'annotations'],
  ['mistral_ocr', claimed.readsOrNot, 'Read', 'annotations'],
  ['voxtral_transcribe', claimed.readsOrNot, 'Read', 'annotations'],
  ['workflow_execute', claimed.writes, 'Execute', 'name'],
  ['workflow_status', claimed.readsOrNot, 'Read', 'annotations'],
  ['workflow_interact', claimed.writes, 'Execute', 'name'],
  // An annotation raises what the name says, and never lowers it.
  ['update_page', claimed.destroys, 'Destructive', 'annotations'],
  ['get_report', { destructiveHint: true }, 'Destructive', 'annotations'],
  ['delete_everything', claimed.reads, 'Destructive', 'name'],
  ['delete_everything', claimed.writes, 'Destructive', 'name'],
  ['run-code', claimed.reads, 'Execute', 'name'],
  // No annotation: the verb of the name, in every spelling.
  ['get_file_contents', undefined, 'Read', 'name'],
  ['linear_getIssueById', undefined, 'Read', 'name'],
  ['API-delete-a-block', undefined, 'Destructive', 'name'],
  ['kubectl.apply', undefined, 'Execute', 'name'],
  ['HTTPDeleteRoute', undefined, 'Destructive', 'name'],
  ['create_issue', undefined, 'Write', 'name'],
  ['uninstall_helm_chart', undefined, 'Destructive', 'name'],
  // After a reading verb the rest are nouns, unless they are joined to it.
  ['get_update_history', undefined, 'Read', 'name'],
  ['list_delete_requests', undefined, 'Read', 'name'],
  ['get_or_create_user', undefined, 'Write', 'name'],
  ['read_and_delete', undefined, 'Destructive', 'name'],
  // Money that moves.
  ['create_payment_link', undefined, 'Financial', 'name'],
  ['refund', claimed.writes, 'Financial', 'name'],
  ['list_payments', undefined, 'Read', 'name'],
  // Nothing to go by: the worst case.
  ['frobnicate', undefined, 'Destructive', 'unknown'],
  ['frobnicate', {}, 'Destructive', 'unknown'],
  ['node_management', { readOnlyHint: 'yes' }, 'Destructive', 'unknown'],
  ['frobnicate', claimed.writesOnly, 'Destructive', 'annotations'],
  ['frobnicate', claimed.writes, 'Write', 'annotations'],
]

test.each(golden)('%s %o is %s by %s', (name, annotations, category, source) => {
  const definition = annotations === undefined ? { name } : { name, annotations }
  expect(classify(definition)).toEqual({ category, source, risk: riskOf[category] })
})
