import { ops } from '../ops.ts'
import type { Plan } from '../plan.ts'
import { isOp, type Step, type StepOf } from '../step.ts'

/** The caller's wish: `live` while the user moves strengths, `auto` if this is not known. */
export type StrengthMode = 'auto' | 'live' | 'folded'

/** Inputs of the placement. */
export interface StrengthChoices {
  readonly mode: StrengthMode
  /** Whether an adapter can run beside the layers at low rank: plain LoRA on linear layers and convolutions. */
  canLive(file: string): boolean
  readonly history: StrengthHistory
}

/** Where an adapter's strength is applied: when the session is made, or (`live`) whenever it runs. */
interface AdapterPlacement {
  readonly file: string
  readonly live: boolean
  /** The reason, as the end of a sentence. */
  readonly why: string
}

/** A session and its adapters, in the order of application. */
export interface SessionPlacement {
  readonly session: Step
  readonly adapters: readonly (AdapterPlacement & { readonly strength: number })[]
}

/** Placements by session key. */
export type Placements = ReadonlyMap<string, readonly AdapterPlacement[]>

type Adapter = StepOf<'apply-lora'>

/** Cost of a session in steps at 512 x 512, by `npm run bench` with SD1.5 and an LCM-LoRA of rank 64. */
const sessionInSteps = 3
/** Relative overhead of a step with live strengths, from the same benchmark. */
const liveShare = 0.13
const benchPixels = 512 * 512

/**
 * Decides for every session with adapters on top which strengths become its inputs. A live strength makes every step a
 * little slower and saves a session whenever it changes. It pays off if the strength is likely to change and the run is
 * short.
 * @param plan with sorted adapters, including those of strength 0
 */
export function placeStrengths(plan: Plan, choices: StrengthChoices): Placements {
  const groups = Map.groupBy(adaptedSessions(plan), sessionKey)
  return new Map(Array.from(groups, ([key, sessions]) => [key, placeGroup(plan, key, sessions, choices)]))
}

/** Places the adapters of sessions that differ only in strengths. */
function placeGroup(plan: Plan, key: string, sessions: readonly Step[], choices: StrengthChoices): AdapterPlacement[] {
  const users = plan.steps.filter((step) => Object.values(step.inputs).some((input) => sessions.includes(input)))
  const fixed = users.some(({ op }) => !ops[op].optional?.strengths)
  const strengths = Map.groupBy(sessions.flatMap(adaptersOf), ({ attributes }) => attributes.file)
  const moving = Array.from(strengths, ([file, steps]) => {
    const values = [...new Set(steps.map(({ attributes }) => attributes.strength))]
    const moved = choices.history.note(key, file, values)
    return { file, because: reasonToMove(choices.mode, values.length, moved) }
  })
  const again = choices.mode === 'live' || moving.some(({ because }) => because === reasons.moved)
  const saved = again ? sessions.length : sessions.length - 1
  const work = users.reduce((sum, user) => sum + stepsOf(user), 0)
  const tooLong = liveShare * work > sessionInSteps * saved
  return moving.map(({ file, because }) => {
    const against =
      (choices.mode === 'folded' && reasons.asked) ||
      (!choices.canLive(file) && reasons.kind) ||
      (fixed && reasons.fixed) ||
      (because === undefined && reasons.stays) ||
      (tooLong && `${Math.round(work)} steps with a live strength take longer than the session that it saves`)
    return against ? { file, live: false, why: against } : { file, live: true, why: because ?? '' }
  })
}

const reasons = {
  asked: 'no live strengths were asked for',
  kind: 'it is more than a plain LoRA, whose change alone can be computed beside the layers',
  fixed: 'what runs this session takes no strengths',
  stays: 'its strength has not changed, and a step without live strengths is faster',
  moved: 'its strength has changed from run to run, and another one needs no new session',
  live: 'strengths are being moved, and another one needs no new session',
} as const

function reasonToMove(mode: StrengthMode, values: number, moved: boolean): string | undefined {
  if (mode === 'live') return reasons.live
  if (values > 1) return `the run uses ${values} strengths of it, which share one session`
  return moved ? reasons.moved : undefined
}

/** The adapters of each session, for display. Takes the plan that `placeStrengths` was called with. */
export function explainPlacements(plan: Plan, placements: Placements): SessionPlacement[] {
  return plan.steps
    .filter(({ op }) => op === 'session')
    .map((session) => {
      const placed = placements.get(sessionKey(session)) ?? []
      const adapters = adaptersOf(session).flatMap(({ attributes: { file, strength } }) => {
        const placement = placed.find((each) => each.file === file)
        return placement ? [{ ...placement, strength }] : []
      })
      return { session, adapters }
    })
}

/** Identifies a session without the strengths of its adapters. With live strengths, equal keys can share a session. */
export function sessionKey(session: Step): string {
  const [model] = adaptersOf(session)
  const base = model ? model.inputs.target : session.inputs.of
  const print = (step: Step): unknown => [step.op, step.attributes, Object.values(step.inputs).map(print)]
  return JSON.stringify([
    session.attributes,
    base && print(base),
    adaptersOf(session).map(({ attributes }) => attributes.file),
  ])
}

function adaptedSessions(plan: Plan): Step[] {
  return plan.steps.filter((step) => step.op === 'session' && step.inputs.of?.op === 'apply-lora')
}

/** The adapters on top of a session's model, in the order of application. */
export function adaptersOf(session: Step): Adapter[] {
  const adapters: Adapter[] = []
  for (let at = session.inputs.of; at && isOp(at, 'apply-lora'); at = at.inputs.target) adapters.unshift(at)
  return adapters
}

/** The work of a step, in sampling steps of one picture of 512 x 512. */
function stepsOf(user: Step): number {
  const { latent, scheduler } = user.inputs
  if (!isOp(user, 'sample') || !latent || !scheduler || !isOp(scheduler, 'scheduler')) return 1
  const pixels = isOp(latent, 'empty-latent')
    ? latent.attributes.width * latent.attributes.height * latent.attributes.batch
    : benchPixels
  const passes = user.inputs.negative ? 2 : 1
  return (scheduler.attributes.spec.steps * user.attributes.strength * passes * pixels) / benchPixels
}

/** Maximum number of remembered adapters. */
const maxRemembered = 256

/** Strengths in the earlier runs of an engine. A strength that changed once is expected to change again. */
export class StrengthHistory {
  readonly #known = new Map<string, { readonly values: string; readonly moved: boolean }>()

  /** Notes an adapter's strengths in a run. Returns whether they changed in this or an earlier run. */
  note(session: string, file: string, strengths: readonly number[]): boolean {
    const key = `${file} ${session}`
    const values = String(strengths.toSorted((a, b) => a - b))
    const before = this.#known.get(key)
    const moved = before !== undefined && (before.moved || before.values !== values)
    this.#known.delete(key)
    this.#known.set(key, { values, moved })
    const [oldest] = this.#known.keys()
    if (this.#known.size > maxRemembered && oldest !== undefined) this.#known.delete(oldest)
    return moved
  }
}
