import { LoomError } from '#core/errors.ts'
import { unknownPatterns } from '#core/formats/output-name.ts'

/** Advice on what looks like a pattern in the prefix of a file name and is none. */
export function adviseOnPrefix(prefix = ''): LoomError | undefined {
  const [first, ...more] = unknownPatterns(prefix)
  if (first === undefined) return undefined
  const subject = more.length === 0 ? `${first} is no pattern` : `${[first, ...more].join(', ')} are no patterns`
  return new LoomError('unsupported', `${subject}, so file names contain it as it stands.`, {
    input: 'prefix',
    hint: 'The help of Save Image lists the patterns, such as %date% and %seed%.',
  })
}
