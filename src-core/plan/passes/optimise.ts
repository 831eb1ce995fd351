import type { Plan } from '../plan.ts'
import { liveStrengths } from './live.ts'
import { explainPlacements, placeStrengths, type SessionPlacement, type StrengthChoices } from './placement.ts'
import { rewritePlan } from './rewrite.ts'
import { type ModelFacts, planRewrites, zeroLora } from './rewrites.ts'

export interface OptimiseOptions {
  readonly facts: ModelFacts
  readonly strengths: StrengthChoices
  /** Verifies the plan after each pass. */
  readonly verify: boolean
}

interface Optimised {
  readonly plan: Plan
  /** What was decided about strengths, session by session ... */
  readonly sessions: readonly SessionPlacement[]
  /** ... of this plan. */
  readonly sorted: Plan
}

/** Runs the plan's passes in their order: one form for equal sums, strengths to where they are worth most, then what adds nothing. */
export function optimisePlan(plan: Plan, { facts, strengths, verify }: OptimiseOptions): Optimised {
  const sorted = rewritePlan(plan, planRewrites(facts), { verify })
  const placements = placeStrengths(sorted, strengths)
  const placed = rewritePlan(sorted, [liveStrengths(placements)], { verify })
  const sessions = explainPlacements(sorted, placements)
  return { plan: rewritePlan(placed, [zeroLora], { verify }), sessions, sorted }
}
