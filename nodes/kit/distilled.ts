import { LoomError } from '#core/errors.ts'
import { type DetectedDistillation, type Distilled, distillations } from '#core/types/distilled.ts'
import type { TypeOf } from '#core/types/types.ts'
import { optionOf } from './narrowed.ts'
import { choice } from './ports.ts'

/** An adapter of lower strength does not reduce the number of steps that a model needs. */
const least = 0.3

const options = { auto: 'As the file shows', none: 'None', ...distillations } as const

/** The method that a file was distilled with, by the file or by the artist. */
export const distillation = choice({
  default: 'auto',
  options,
  about: 'file',
  advanced: true,
  description:
    'The method that distilled the file for few steps. The Auto Scheduler and warnings about guidance follow it. A name alone is not believed: the node asks, and keeps the answer here.',
})

/** The distillation that counts: the chosen one, or else that which the file shows for certain. */
export function distilledBy(
  detected: DetectedDistillation | undefined,
  chosen: TypeOf<'choice'>,
): Distilled | undefined {
  const option = optionOf(chosen, options) ?? 'auto'
  if (option === 'auto') return detected?.confidence === 'certain' ? detected.distilled : undefined
  if (option === 'none') return undefined
  // the file may also say the number of steps
  return detected?.distilled.method === option ? detected.distilled : { method: option }
}

/**
 * The question whether a file was distilled, if it only hints at it and nothing is chosen.
 * @param input the input for the answer
 */
export function askDistillation(
  file: string,
  detected: DetectedDistillation | undefined,
  chosen: TypeOf<'choice'>,
  input = 'distillation',
): LoomError | undefined {
  if (detected?.confidence !== 'likely' || optionOf(chosen, options) !== 'auto') return undefined
  const { method } = detected.distilled
  const name = distillations[method]
  return new LoomError('unsure', `${file} looks like ${name}: use its settings?`, {
    input,
    hint: `Only ${detected.evidence} says so. Set its distillation to ${name}, or to None.`,
    answers: [method, 'none'],
  })
}

/** The type of a model with an adapter. A distilled adapter makes it a few-step model. */
export function withAdapter(
  model: TypeOf<'model'>,
  distilled: Distilled | undefined,
  strength: TypeOf<'float'>,
): TypeOf<'model'> {
  return distilled && strength.min >= least ? { ...model, distilled } : model
}

interface AdapterFact {
  readonly distillation?: DetectedDistillation
  readonly textOnly?: true
}

/** Advice about the file of an adapter: whether it is distilled, and whether it has anything to change. */
export function adviseOnAdapter(
  file: string,
  fact: AdapterFact | undefined,
  { clip, distillation }: { readonly clip: TypeOf<'clip'> | undefined; readonly distillation: TypeOf<'choice'> },
  input = 'distillation',
): LoomError[] {
  const idle =
    fact?.textOnly && !clip
      ? new LoomError('missing-input', `${file} changes only the text encoder, and none is linked: it does nothing.`, {
          input: 'clip',
          hint: 'Lead the text encoder (clip) of the Checkpoint through this node to the Prompts.',
        })
      : undefined
  return [idle, askDistillation(file, fact?.distillation, distillation, input)].filter((each) => each !== undefined)
}
