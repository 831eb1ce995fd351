import type { JobProgress } from '#core/protocol/jobs.ts'
import type { RunEvent } from '#core/protocol/messages.ts'

type Phase = JobProgress['phase']

/** Assumed milliseconds of a phase that was never measured. Their ratios matter: they follow what the job has taken. */
const guesses: Record<Phase, number> = { load: 3000, encode: 300, sample: 4000, decode: 500, save: 100 }
/** The phases in the order of a plain workflow. */
const usual = Object.keys(guesses) as Phase[]

/** Weight of the newest measurement in the running mean. */
const newest = 0.5
const maxShapes = 200
const maxRates = 2000

/** A stretch of a job in one phase, on one thing. */
interface Stretch {
  readonly phase: Phase
  readonly label: string
  readonly node?: string | undefined
  /** 0 until steps are reported. */
  readonly steps: number
}

interface Current extends Stretch {
  readonly started: number
  readonly step: number
}

/** Learns how long phases take, per step where they have steps. */
export interface Estimator {
  /** @param document jobs of one document are alike, so the last one predicts the next */
  follow(document: string): Follower
}

/** Follows one job. */
interface Follower {
  /** @returns how far the job is, if the event says anything about it */
  see(event: RunEvent): JobProgress | undefined
  /** The job is over. @param complete its shape is remembered */
  end(complete: boolean): void
}

/** @param now milliseconds of a monotonic clock */
export function createEstimator(now: () => number = () => performance.now()): Estimator {
  const rates = new Map<string, number>()
  const shapes = new Map<string, readonly Stretch[]>()

  const rateKey = ({ phase, label }: Stretch): string => `${phase} ${label}`

  function learn(stretch: Stretch, milliseconds: number): void {
    const key = rateKey(stretch)
    const rate = milliseconds / Math.max(stretch.steps, 1)
    const known = rates.get(key)
    remember(rates, key, known === undefined ? rate : newest * rate + (1 - newest) * known, maxRates)
  }

  /** Milliseconds of a whole stretch; undefined if none like it was measured. */
  function duration(stretch: Stretch): number | undefined {
    const rate = rates.get(rateKey(stretch))
    return rate === undefined ? undefined : rate * Math.max(stretch.steps, 1)
  }

  function follow(document: string): Follower {
    const started = now()
    const seen: Stretch[] = []
    const shape = shapes.get(document)
    let expected = shape
    let current: Current | undefined
    let fraction = 0

    function finishCurrent(): void {
      if (!current) return
      const { started: since, step: _, ...stretch } = current
      learn(stretch, now() - since)
      seen.push(stretch)
    }

    /** The stretches before this one were skipped or are done. */
    function passTo({ phase, label, node }: Omit<Stretch, 'steps'>): number {
      const at = expected?.findIndex((next) => next.phase === phase && next.label === label && next.node === node) ?? -1
      const steps = expected?.[at]?.steps ?? 0
      if (at >= 0) expected = expected?.slice(at + 1)
      return steps
    }

    /** How many times longer than guessed the job's phases have taken, at least 1: what was reused took no time. */
    function slowness(milliseconds: number): number {
      const guessed = seen.reduce((sum, { phase }) => sum + guesses[phase], 0)
      return guessed === 0 ? 1 : Math.max(1, milliseconds / guessed)
    }

    function progress(from: Current): JobProgress {
      const { phase, label, node, step, steps } = from
      const spent = now() - from.started
      const elapsed = now() - started
      const scale = slowness(elapsed - spent)
      const whole = duration(from)
      const following = expected ?? guessAfter(phase)
      const durations = following.map(duration)
      const perStep = whole === undefined ? spent / step : Math.max(whole, spent) / steps
      const restOfCurrent = step > 0 ? perStep * (steps - step) : Math.max((whole ?? guesses[phase] * scale) - spent, 0)
      const rest = following.reduce(
        (sum, next, index) => sum + (durations[index] ?? guesses[next.phase] * scale),
        restOfCurrent,
      )
      const done = elapsed + rest > 0 ? elapsed / (elapsed + rest) : 0
      fraction = Math.min(Math.max(fraction, done), 0.99)
      const known = shape !== undefined && whole !== undefined && !durations.includes(undefined)
      return {
        phase,
        label,
        ...(node !== undefined && { node }),
        ...(step > 0 && { step, steps }),
        fraction,
        ...(known && { remaining: rest }),
      }
    }

    return {
      see(event) {
        if (event.type === 'plan') {
          const reused = new Set(event.nodes.filter((node) => node.reused).map(({ node }) => node))
          expected = expected?.filter(({ node }) => node === undefined || !reused.has(node))
        } else if (event.type === 'phase') {
          finishCurrent()
          const { phase, label, node } = event
          current = { phase, label, node, steps: passTo({ phase, label, node }), step: 0, started: now() }
          return progress(current)
        } else if (event.type === 'step' && current) {
          current = { ...current, step: event.step, steps: Math.max(event.steps, event.step) }
          return progress(current)
        }
        return undefined
      },
      end(complete) {
        if (!complete) return
        finishCurrent()
        current = undefined
        remember(shapes, document, seen, maxShapes)
      },
    }
  }

  return { follow }
}

/** The phases that a job of unknown shape may still go through. */
function guessAfter(phase: Phase): Stretch[] {
  return usual.slice(usual.indexOf(phase) + 1).map((next) => ({ phase: next, label: '', steps: 0 }))
}

/** Sets an entry, which becomes the newest, and drops the oldest beyond `limit`. */
function remember<V>(map: Map<string, V>, key: string, value: V, limit: number): void {
  map.delete(key)
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > limit && oldest !== undefined) map.delete(oldest)
}
