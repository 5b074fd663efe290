import type { Actor } from '@/lib/auth/model'
import type { RecordFilter } from '../filter/model'
import { type TimeWindow, windowOf } from '../filter/range'
import { authoriseView } from './authorise-view'
import { boundedRead } from './bounded-read'
import { type Histogram, readHistogram } from './histogram'
import {
  type IdentityRank,
  type Ranking,
  type RiskShare,
  type RuleRank,
  readIdentityRanks,
  readRefusedToolRanks,
  readRiskMix,
  readRuleRanks,
  readToolRanks,
  type ToolRank,
} from './ranks'

/** Everything the overview's cells say of one window, in one snapshot. */
export interface OverviewView {
  window: TimeWindow
  histogram: Histogram | null
  rules: Ranking<RuleRank>
  tools: Ranking<ToolRank>
  refusedTools: Ranking<ToolRank>
  identities: Ranking<IdentityRank>
  risks: Ranking<RiskShare>
}

const RANKS = 5

/** @throws Refusal */
export async function readOverview(actor: Actor, filter: RecordFilter, nowMs = Date.now()): Promise<OverviewView> {
  authoriseView(actor, filter)
  const window = windowOf(filter.range, nowMs)
  return boundedRead(async sql => ({
    window,
    histogram: await readHistogram(sql, filter, window),
    rules: await readRuleRanks(sql, filter, window, RANKS),
    tools: await readToolRanks(sql, filter, window, RANKS),
    refusedTools: await readRefusedToolRanks(sql, filter, window, RANKS),
    identities: await readIdentityRanks(sql, filter, window, RANKS),
    risks: await readRiskMix(sql, filter, window),
  }))
}

/** The chart over a list: the same filter and window as the list. @throws Refusal */
export async function readCallsByEffect(
  actor: Actor,
  filter: RecordFilter,
  nowMs = Date.now(),
): Promise<Histogram | null> {
  authoriseView(actor, filter)
  return boundedRead(sql => readHistogram(sql, filter, windowOf(filter.range, nowMs)))
}
