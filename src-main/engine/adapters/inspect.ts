import { LoomError } from '#core/errors.ts'
import type { AdapterKind } from '#core/formats/adapter-names.ts'
import type { Checkpoint } from '../models/checkpoint.ts'
import type { TensorRef, WeightChange } from '../models/weights.ts'
import type { Adapter, IdleModule } from './adapter.ts'
import { describeBase } from './base.ts'
import { fitAdapter, matchAdapter, matchedCount, type ShapeMismatch } from './match.ts'
import { sortNames } from './names.ts'
import { openAdapter } from './open.ts'

/** Description of an adapter as plain data. */
export interface AdapterReport {
  /** Kinds that are not built have their titles. */
  readonly kinds: readonly (AdapterKind | (string & {}))[]
  readonly modules: number
  readonly ranks: readonly number[]
  /** Minimum and maximum of alpha / rank. */
  readonly scales?: readonly [least: number, largest: number]
  /** The model that it was made for: `SD1.x (context 768)`. */
  readonly base?: string
  /** Names of tensors in no known form. */
  readonly unknown: readonly string[]
  /** What had to be assumed, as a sentence. */
  readonly assumed?: string
  /** Modules that change nothing. */
  readonly idle?: readonly IdleModule[]
  readonly fit?: AdapterFit
}

interface AdapterFit {
  readonly checkpoint: string
  readonly fits: boolean
  readonly matched: number
  readonly total: number
  readonly unmatched: readonly string[]
  readonly shapeMismatches: readonly ShapeMismatch[]
  /** The reason why it does not fit, if any. */
  readonly problem?: string
}

/** Describes an adapter by the names of its tensors. Works also for unsupported kinds. */
export function summarizeAdapter(refs: readonly TensorRef[]): AdapterReport {
  const { pieces, kinds, foreign, unknown } = sortNames(refs)
  return { kinds: [...kinds, ...foreign.keys()], modules: pieces.size, ranks: [], unknown }
}

/** @throws LoomError as `openAdapter` */
export async function inspectAdapter(
  path: string,
  refs: readonly TensorRef[],
  target: Checkpoint | undefined,
): Promise<AdapterReport> {
  const adapter = await openAdapter(path)
  const ranked = adapter.modules.filter(({ rank }) => rank !== undefined)
  const ranks = new Set(ranked.map(({ rank = 0 }) => rank))
  const scales = ranked.map(({ change }) => scaleOf(change)).sort((a, b) => a - b)
  const [least, largest = least] = [scales[0], scales.at(-1)]
  return {
    ...summarizeAdapter(refs),
    modules: adapter.modules.length,
    ranks: [...ranks].sort((a, b) => a - b),
    ...(least !== undefined && largest !== undefined && { scales: [least, largest] }),
    base: describeBase(adapter.base),
    ...(adapter.assumed && { assumed: adapter.assumed.is }),
    ...(adapter.idle.length > 0 && { idle: adapter.idle }),
    ...(target && { fit: fitOf(adapter, target) }),
  }
}

function scaleOf(change: WeightChange): number {
  return change.kind === 'dora' ? change.direction.scale : change.scale
}

function fitOf(adapter: Adapter, target: Checkpoint): AdapterFit {
  const coverage = matchAdapter(adapter, target)
  const { total, unmatched, shapeMismatches } = coverage
  const fit = { checkpoint: target.path, matched: matchedCount(coverage), total, unmatched, shapeMismatches }
  try {
    fitAdapter(adapter, target)
    return { ...fit, fits: true }
  } catch (error) {
    if (!(error instanceof LoomError)) throw error
    return { ...fit, fits: false, problem: error.message }
  }
}
