/** Authorised reads of the record, for pages and the command line. */

export type { ArgumentsView, ConditionView, DecisionDetail, ReasonView } from './decision-detail'
export { type BlockedPattern, type BlockedView, readBlocked } from './read-blocked'
export {
  type ChangeDetail,
  type ChangeFilter,
  type ChangePage,
  type ChangeRow,
  readChange,
  readChanges,
} from './read-changes'
export { readDecision } from './read-decision'
export { type DecisionPage, type DecisionRow, MOST_NEWER, type OutcomeView, readDecisions } from './read-decisions'
export { type FacetsView, readFacets } from './read-facets'
export type { Bucket, EffectCounts, Histogram } from './read-histogram'
export { type OverviewView, readCallsByEffect, readOverview } from './read-overview'
export {
  type ProxiesView,
  type ProxyState,
  type ProxyStatus,
  type ProxyView,
  readProxies,
  readStrip,
  type StripView,
} from './read-proxies'
export type { IdentityRank, Ranking, RiskShare, RuleRank, ToolRank } from './read-ranks'
