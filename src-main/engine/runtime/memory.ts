import { totalmem } from 'node:os'

/** Fraction of the memory for cached sessions and results. The rest is for the work of a run. */
const share = 0.6

/** Cache size in bytes, within the memory limit of a container. */
export function cacheBudget(): number {
  const limit = process.constrainedMemory()
  return share * (limit > 0 ? Math.min(limit, totalmem()) : totalmem())
}
