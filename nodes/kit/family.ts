import { LoomError } from '#core/errors.ts'
import {
  defaultFamily,
  type Family,
  families,
  familyTitle,
  sameLatents,
  type Variant,
} from '#core/families/families.ts'
import { type Known, type TypeOf, UNKNOWN } from '#core/types/types.ts'

/** The models that a value or a file was made for. */
export interface Made {
  readonly family: Known<Family>
  readonly variant?: Variant
}

/**
 * The error of the first input whose family or variant differs from the model's. Unknown and open ones match
 * everything.
 * @param others to compare with the model, by the name of the input
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

/** The reason why `made` does not fit a model: "made for ...; the model is ...". Undefined if it may fit. */
export function misfit(made: Made, model: Made): string | undefined {
  const [theirs, mine] = [nameOf(made), nameOf(model)]
  const sameVariant = (made.variant ?? model.variant) === (model.variant ?? made.variant)
  if (theirs === undefined || mine === undefined || (made.family === model.family && sameVariant)) return undefined
  return `made for ${theirs}; the model is ${mine}`
}

/** Whether two families share their latents. An unknown family matches everything. */
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

/** The error of a latent whose family differs from that of the model or VAE that it is linked to. */
export function otherLatents(
  { kind, family }: TypeOf<'model' | 'vae'>,
  { family: own = UNKNOWN }: TypeOf<'latent'>,
): LoomError | undefined {
  if (own === UNKNOWN || family === UNKNOWN || sharesLatents(own, family)) return undefined
  const { noun, input, fix } = takers[kind]
  const message = `The latent is one of ${families[own].title}, but the ${noun} is made for ${families[family].title}.`
  return new LoomError('mismatch', message, { input, hint: fix })
}

/**
 * Advice for a VAE of unknown family (scaled as the default family) on a family whose latents are scaled differently.
 */
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

/** The type of an output that a node does not have at present. */
export const nothing = (reason: string, fix?: string): TypeOf<'nothing'> => ({
  kind: 'nothing',
  reason,
  ...(fix !== undefined && { fix }),
})
