/** Authorised reads of the record, for pages and the command line. */

export { authoriseView } from './authorise-view'
export { type BlockedPattern, type BlockedView, readBlocked } from './blocked'
export {
  type ChangeDetail,
  type ChangeFilter,
  type ChangePage,
  type ChangeRow,
  readChange,
  readChanges,
} from './changes'
export { readDecision } from './decision'
export type { ArgumentsView, ConditionView, DecisionDetail, ReasonView } from './decision-detail'
export { type DecisionPage, type DecisionRow, MOST_NEWER, type OutcomeView, readDecisions } from './decisions'
export { type FacetsView, readFacets } from './facets'
export type { Bucket, EffectCounts, Histogram } from './histogram'
export {
  type IntegrityView,
  type KeyChange,
  type ProxyEvidence,
  readIntegrity,
  type SinkState,
  type VerificationView,
} from './integrity'
export { type OverviewView, readCallsByEffect, readOverview } from './overview'
export {
  type ProxiesView,
  type ProxyAlarm,
  type ProxyState,
  type ProxyStatus,
  type ProxyView,
  readProxies,
  readStrip,
  type StripView,
} from './proxies'
export { type QuarantinedRow, type QuarantineView, readQuarantine } from './quarantine'
export type { IdentityRank, Ranking, RiskShare, RuleRank, ToolRank } from './ranks'
export { type RetentionView, readRetention, type StatementRow } from './retention'
export { readSession, type SessionView } from './session'
export { readTailPlace } from './tail-place'
