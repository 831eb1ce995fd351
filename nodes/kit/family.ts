import { LoomError } from '#core/errors.ts'
import {
  defaultFamily,
  type Family,
  families,
  familyTitle,
  sameLatents,
  type Variant,
} from '#core/families/families.ts'
import { type Known, type Type, type TypeOf, UNKNOWN } from '#core/types/types.ts'

/** What a value or a file was made for. */
export interface Made {
  readonly family: Known<Family>
  readonly variant?: Variant
}

/**
 * The error of the first input whose family, or variant of it, is not that of the model; what is unknown or open agrees with everything.
 * @param others what is held against the model, by the name of the input
 */
export function otherFamily(
  model: TypeOf<'model'>,
  others: Readonly<Record<string, Made | undefined>>,
): LoomError | undefined {
  for (const [input, other] of Object.entries(others)) {
    const reason = other && misfit(other, model)
    if (reason === undefined) continue
    const message = `What is given as ${input} is ${reason}.`
    return new LoomError('mismatch', message, { input, hint: `Take both from ${nameOf(model)}.` })
  }
  return undefined
}

/** Why what was made for one model does not go with another: "made for ...; the model is ..."; undefined if it does, for all that is known. */
export function misfit(made: Made, model: Made): string | undefined {
  const [theirs, mine] = [nameOf(made), nameOf(model)]
  const sameVariant = (made.variant ?? model.variant) === (model.variant ?? made.variant)
  if (theirs === undefined || mine === undefined || (made.family === model.family && sameVariant)) return undefined
  return `made for ${theirs}; the model is ${mine}`
}

/** Whether one's latents are the other's; what is unknown agrees with everything. */
export function sharesLatents(one: Known<Family>, other: Known<Family>): boolean {
  return one === UNKNOWN || other === UNKNOWN || sameLatents(one, other)
}

const takers = {
  model: {
    noun: 'model',
    input: 'latent',
    fix: 'Decode it with its own VAE, and encode the picture with that of this model.',
  },
  vae: {
    noun: 'VAE',
    input: 'vae',
    fix: 'Take the VAE of the checkpoint that drew the latent, or another of its family.',
  },
} as const

/** The error of a latent that is of another family than what takes it. */
export function otherLatents(
  { kind, family }: TypeOf<'model' | 'vae'>,
  { family: own = UNKNOWN }: TypeOf<'latent'>,
): LoomError | undefined {
  if (own === UNKNOWN || family === UNKNOWN || sharesLatents(own, family)) return undefined
  const { noun, input, fix } = takers[kind]
  const message = `The latent is one of ${families[own].title}, but the ${noun} is made for ${families[family].title}.`
  return new LoomError('mismatch', message, { input, hint: fix })
}

/** What to say where a VAE whose file does not tell its family meets one whose latents are scaled otherwise than it will be. */
export function unsureScaling(vae: Known<Family> | undefined, family: Known<Family> | undefined, input: string) {
  if (vae !== UNKNOWN || family === undefined || family === UNKNOWN || sameLatents(defaultFamily, family))
    return undefined
  const [scaled, model] = [families[defaultFamily], families[family]]
  const message = `The VAE file does not tell its family, so latents are scaled as those of ${scaled.title}; the model is ${model.title}.`
  return new LoomError('mismatch', message, { input, hint: `Set the scaling of the Load VAE node to ${model.name}.` })
}

function nameOf({ family, variant }: Made): string | undefined {
  return family === UNKNOWN ? undefined : familyTitle(family, variant)
}

/** Type of an output that a node does not have as it stands. */
export const nothing = (reason: string): Extract<Type, { kind: 'nothing' }> => ({ kind: 'nothing', reason })
