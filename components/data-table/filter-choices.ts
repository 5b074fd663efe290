import { FILTER_FIELDS, type FilterField, shownEffects } from '@/lib/audit/filter/model'
import type { FacetsView } from '@/lib/audit/queries'
import type { FilterChoice } from './add-filter'

const codes = [
  'policy_denied',
  'default_deny',
  'no_policy',
  'rate_limited',
  'invalid_arguments',
  'approval_required',
  'definition_drift',
  'policy_error',
  'malformed',
  'overloaded',
  'audit_unavailable',
  'limits_unavailable',
  'approvals_unavailable',
  'hidden',
  'no_grant',
  'unknown_tool',
]

/** What the filter menu offers for these fields; names that are gone from the catalogue may still be typed. */
export function filterChoices(facets: FacetsView, fields: readonly FilterField[] = FILTER_FIELDS): FilterChoice[] {
  const values: Record<FilterField, readonly string[]> = {
    effect: shownEffects,
    server: facets.servers,
    tool: facets.tools,
    identity: facets.identities,
    rule: [],
    policy: Object.keys(facets.policies),
    code: codes,
    risk: ['low', 'medium', 'high', 'critical'],
    session: [],
    proxy: facets.proxies,
  }
  return fields.map(field => ({ field, values: values[field], isClosed: field === 'effect' || field === 'risk' }))
}
