import { LoomError } from '#core/errors.ts'
import { families } from '#core/families/families.ts'
import { sampleLatent } from '#core/plan/composites.ts'
import { recommended } from '#core/plan/recommended.ts'
import { type Distilled, distillations } from '#core/types/distilled.ts'
import { explain } from '#core/types/explain.ts'
import { type TypeOf, UNKNOWN } from '#core/types/types.ts'
import { defineNode } from '../kit/define-node.ts'
import { otherFamily, otherLatents, unsureScaling } from '../kit/family.ts'
import { choice, conditioning, float, int, latent, model, scheduler, seed } from '../kit/ports.ts'
import { unsuitedSize } from '../kit/suited-size.ts'

/** An end that no run reaches: all steps. */
const LAST_STEP = 1000

/** The channels that a model of this family draws in. */
const channelsOf = ({ family }: TypeOf<'model'>) => (family === UNKNOWN ? UNKNOWN : families[family].latents.channels)

/** Advice for a guidance scale that a distilled model does not bear. */
function burning(distilled: Distilled | undefined, guidance: number): LoomError | undefined {
  const { mostGuidance, guidance: right } = recommended(distilled)
  if (!distilled || guidance <= mostGuidance) return undefined
  const message = `The guidance scale is ${guidance}, but models distilled with ${distillations[distilled.method]} burn above ${mostGuidance}.`
  return new LoomError('range', message, { input: 'guidance', hint: `Set it to ${right}.`, answers: [right] })
}

export default defineNode({
  type: 'sampler',
  version: 1,
  category: 'sampling',
  title: 'Sampler',
  description: 'Turns noise into a latent that follows the prompt, step by step.',
  docs: `
The same seed, model, prompt and settings give the same picture. It is also the picture that diffusers gives, because
the noise is that of PyTorch on the CPU.

For text to image, link an Empty Latent and leave the strength at 1. For image to image, link a VAE Encode and lower the
strength: 0.3 keeps the composition, 0.7 only hints at it.
`,
  inputs: {
    model: model({ description: 'The model to sample from, with its LoRAs.' }),
    positive: conditioning({ description: 'The Prompt for what the picture shows.' }),
    negative: conditioning({
      optional: true,
      description:
        'The Prompt for what to keep out. It is not used at guidance scale 1. If nothing is linked, the model gets what it was trained with for no text: an empty prompt, or zeros for Stable Diffusion XL.',
    }),
    latent: latent({ description: 'An Empty Latent, or a VAE Encode for image to image.' }),
    scheduler: scheduler({ description: 'An LCM Scheduler, or another Scheduler.' }),
    seed: seed({
      description:
        'Selects the starting noise: a whole number from 0 to 18446744073709551615 (2^64 - 1). The noise depends on its low 32 bits.',
    }),
    guidance: float({
      default: 1,
      min: 0,
      max: 100,
      label: 'Guidance scale',
      description:
        'How closely the picture follows the prompt. Use 1 to 2 for LCM, 4 to 8 for others. At 1 the negative prompt is not used and a step takes half the time. You can type up to 100; above 15 colours burn.',
    }),
    strength: float({
      default: 1,
      min: 0.01,
      max: 1,
      step: 0.05,
      description:
        'How much of the latent is redrawn. 1 starts from noise alone. Lower values keep more of the picture. The minimum is 0.01, because 0 would change nothing.',
    }),
    noise: choice({
      default: 'cpu',
      options: {
        cpu: 'PyTorch on a processor',
        gpu: 'PyTorch on a GPU',
        'gpu-steps': 'Start on a processor, steps on a GPU',
        none: 'None: go on with what the latent has left',
      },
      advanced: true,
      description:
        'Which random numbers the noise uses. A1111 uses those of a GPU. ComfyUI starts with those of a processor and, on a GPU, uses GPU numbers in the steps. None of these needs a GPU.',
    }),
    batchSeeds: choice({
      default: 'batch',
      label: 'Seeds of a batch',
      options: { batch: 'One for all', each: 'One more for each picture' },
      advanced: true,
      description:
        'One for all takes the noise of a batch from one sequence, as diffusers and ComfyUI do. With one more for each, picture 3 of seed 40 is the picture of seed 42, so you can generate it again alone.',
    }),
    startStep: int({
      default: 0,
      min: 0,
      max: 1000,
      advanced: true,
      description:
        'The first step to run, counted from 0, at most 1000. Together with noise None it continues where another Sampler stopped.',
    }),
    endStep: int({
      default: LAST_STEP,
      min: 1,
      max: LAST_STEP,
      advanced: true,
      description:
        'The Sampler stops before this step, for another Sampler to continue. Any value from the last step to 1000 runs to the end.',
    }),
    leftoverNoise: choice({
      default: 'remove',
      options: { remove: 'Remove', keep: 'Keep, for another Sampler' },
      advanced: true,
      description: 'What to do with the remaining noise if the Sampler stops before the last step.',
    }),
  },
  outputs: { latent: latent({ description: 'The sampled latent, for VAE Decode or another Sampler.' }) },
  infer: ({ model, latent }) => ({
    latent: {
      ...latent,
      channels: latent.channels === UNKNOWN ? channelsOf(model) : latent.channels,
      family: model.family,
    },
  }),
  check: ({ model, positive, negative, latent }) => {
    const needed: TypeOf<'latent'> = { ...latent, channels: channelsOf(model) }
    const { fits, long, fix } = explain(latent, needed, { from: 'the linked node', to: 'The model' })
    if (!fits) return new LoomError('mismatch', long, { input: 'latent', hint: fix })
    return otherLatents(model, latent) ?? otherFamily(model, { positive, negative })
  },
  advise: ({ model, latent, guidance, strength, startStep }) => {
    const { family, distilled } = model
    const fromNoise = latent.family === undefined && strength.min === 1 && startStep.max === 0
    return [
      burning(distilled, guidance.min) ?? [],
      unsureScaling(latent.family, family, 'latent') ?? [],
      (fromNoise && unsuitedSize(model, latent)) || [],
    ].flat()
  },
  lower: (
    plan,
    { startStep, endStep, leftoverNoise, model, positive, negative, latent, scheduler, ...options },
    types,
  ) => {
    const part = { start: startStep, end: endStep, keepsNoise: leftoverNoise === 'keep' }
    const partly = startStep > 0 || endStep < LAST_STEP
    return {
      latent: sampleLatent(
        plan,
        { model, positive, negative, latent, scheduler, own: types.model.training?.schedule },
        { ...options, ...(partly && { part }) },
      ),
    }
  },
})
