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
  /** The placement of strengths, for each session of `sorted`. */
  readonly sessions: readonly SessionPlacement[]
  /** The plan before the placement. */
  readonly sorted: Plan
}

/** Runs the passes in order: normal form of sums, placement of strengths, removal of adapters with strength 0. */
export function optimisePlan(plan: Plan, { facts, strengths, verify }: OptimiseOptions): Optimised {
  const sorted = rewritePlan(plan, planRewrites(facts), { verify })
  const placements = placeStrengths(sorted, strengths)
  const placed = rewritePlan(sorted, [liveStrengths(placements)], { verify })
  const sessions = explainPlacements(sorted, placements)
  return { plan: rewritePlan(placed, [zeroLora], { verify }), sessions, sorted }
}
