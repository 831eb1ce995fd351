import { LoomError } from '#core/errors.ts'
import { families } from '#core/families/families.ts'
import { type TypeOf, UNKNOWN } from '#core/types/types.ts'

interface Pair {
  readonly first: TypeOf<'conditioning'>
  readonly second: TypeOf<'conditioning'>
}

/** What two conditionings become together: of the family of whichever tells it. */
export function inferPair({ first, second }: Pair) {
  return { conditioning: first.family === UNKNOWN ? second : first }
}

/** The error of two conditionings that no one model can follow. */
export function checkPair({ first, second }: Pair): LoomError | undefined {
  if (first.family === UNKNOWN || second.family === UNKNOWN || first.family === second.family) return undefined
  const message = `The first prompt is made for ${families[first.family].title}, the second for ${families[second.family].title}.`
  return new LoomError('mismatch', message, { input: 'second', hint: `Make both for ${families[first.family].title}.` })
}
