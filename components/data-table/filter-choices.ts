import { FILTER_FIELDS, type FilterField, shownEffects } from '@/lib/audit/filter/model'
import type { FacetsView } from '@/lib/audit/queries'
import { CODES } from '@/lib/policy'
import type { FilterChoice } from './add-filter'

/** What the filter menu offers for these fields; names that are gone from the catalogue may still be typed. */
export function filterChoices(facets: FacetsView, fields: readonly FilterField[] = FILTER_FIELDS): FilterChoice[] {
  const values: Record<FilterField, readonly string[]> = {
    effect: shownEffects,
    server: facets.servers,
    tool: facets.tools,
    category: ['Read', 'Write', 'Execute', 'Destructive', 'Financial'],
    risk: ['low', 'medium', 'high', 'critical'],
    identity: facets.identities,
    key: facets.keys,
    client: facets.clients,
    session: [],
    rule: facets.rules,
    policy: Object.keys(facets.policies),
    revision: facets.revisions,
    // What callers are told in place of the true code is never in a record.
    code: CODES.filter(code => code !== 'not_available'),
    method: facets.methods,
    proxy: facets.proxies,
  }
  return fields.map(field => ({ field, values: values[field], isClosed: closed.has(field) }))
}

const closed: ReadonlySet<FilterField> = new Set(['effect', 'category', 'risk'])
