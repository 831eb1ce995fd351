import { totalmem } from 'node:os'

/** Part of the memory that kept sessions and results may fill; the rest is for what a run needs besides. */
const share = 0.6

/** Bytes that may be kept between runs, within the limit that a container sets. */
export function cacheBudget(): number {
  const limit = process.constrainedMemory()
  return share * (limit > 0 ? Math.min(limit, totalmem()) : totalmem())
}
