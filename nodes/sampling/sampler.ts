import { LoomError } from '#core/errors.ts'
import { recipeFor } from '#core/plan/recipes.ts'
import { distillations } from '#core/types/distilled.ts'
import { explain } from '#core/types/explain.ts'
import { latentChannels, type TypeOf, UNKNOWN } from '#core/types/types.ts'
import { defineNode } from '../kit/define-node.ts'
import { otherFamily, otherLatents, unsureScaling } from '../kit/family.ts'
import { choice, conditioning, float, int, latent, model, scheduler, seed } from '../kit/ports.ts'

/** An end that no run reaches: all steps. */
const LAST_STEP = 1000

/** The channels that a model of this family draws in. */
const channelsOf = ({ family }: TypeOf<'model'>) => (family === UNKNOWN ? UNKNOWN : latentChannels[family])

export default defineNode({
  type: 'sampler',
  version: 1,
  category: 'sampling',
  title: 'Sampler',
  description: 'Draws: turns noise into a latent that follows the prompt, step by step.',
  docs: `
The heart of the graph. The same seed, model, prompt and settings give the same picture, and, as the noise is that of PyTorch on
the CPU, the one that diffusers draws.

For text to image link an Empty Latent and leave the strength at 1. For image to image link a VAE Encode and lower the strength:
0.3 keeps the composition, 0.7 only hints at it.
`,
  inputs: {
    model: model({ description: 'The model that draws, with its LoRAs.' }),
    positive: conditioning({ description: 'The Prompt that says what to draw.' }),
    negative: conditioning({
      optional: true,
      description:
        'The Prompt that says what to keep out. Not used at guidance scale 1. If nothing is linked, what the model knows as no text: an empty prompt, or zeros for Stable Diffusion XL.',
    }),
    latent: latent({ description: 'An Empty Latent, or a VAE Encode for image to image.' }),
    scheduler: scheduler({ description: 'An LCM Scheduler, or another Scheduler.' }),
    seed: seed({
      description:
        'Which noise the picture starts from: a whole number from 0 to 18446744073709551615 (2^64 - 1). The noise depends on its low 32 bits.',
    }),
    guidance: float({
      default: 1,
      min: 0,
      max: 100,
      label: 'Guidance scale',
      description:
        'How closely the prompt is followed. 1 to 2 for LCM, 4 to 8 for others; at 1 the negative prompt is not used and a step takes half the time. Up to 100 can be typed; above 15 colours burn.',
    }),
    strength: float({
      default: 1,
      min: 0.01,
      max: 1,
      step: 0.05,
      description:
        'How much of the latent is redrawn. 1 starts from noise alone; the lower, the more of the picture is kept. At 0 there would be nothing to do, so 0.01 is the least.',
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
        'Whose random numbers the noise is made of. A1111 takes those of a GPU; ComfyUI starts with those of a processor and, on a GPU, takes its numbers in the steps. No GPU is needed for any.',
    }),
    batchSeeds: choice({
      default: 'batch',
      label: 'Seeds of a batch',
      options: { batch: 'One for all', each: 'One more for each picture' },
      advanced: true,
      description:
        'With one for all the noise of a batch is one stretch, as in diffusers and ComfyUI. With one more for each, picture 3 of seed 40 is the picture of seed 42, and can be drawn again alone.',
    }),
    startStep: int({
      default: 0,
      min: 0,
      max: 1000,
      advanced: true,
      description:
        'The first step that is run, counted from 0, 1000 at most: with noise None it goes on where another Sampler ended.',
    }),
    endStep: int({
      default: LAST_STEP,
      min: 1,
      max: LAST_STEP,
      advanced: true,
      description:
        'The step before which it ends, for another Sampler to go on. From the last step to 1000: to the end.',
    }),
    leftoverNoise: choice({
      default: 'remove',
      options: { remove: 'Remove', keep: 'Keep, for another Sampler' },
      advanced: true,
      description: 'What becomes of the noise that is left where the Sampler ends before the last step.',
    }),
  },
  outputs: { latent: latent({ description: 'The drawn latent, for VAE Decode or another Sampler.' }) },
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
  advise: ({ model: { family, distilled }, latent, guidance }) => {
    const { mostGuidance } = recipeFor(distilled)
    if (!distilled || guidance.min <= mostGuidance) return unsureScaling(latent.family, family, 'latent')
    const message = `The guidance scale is ${guidance.min}, but models distilled with ${distillations[distilled.method]} burn above ${mostGuidance}.`
    return new LoomError('range', message, { input: 'guidance', hint: `Set it to ${recipeFor(distilled).guidance}.` })
  },
  lower: (plan, { model, positive, negative, latent, scheduler, startStep, endStep, leftoverNoise, ...options }) => {
    const part = { start: startStep, end: endStep, keepsNoise: leftoverNoise === 'keep' }
    const partly = startStep > 0 || endStep < LAST_STEP
    return {
      latent: plan.sample(
        { model, positive, ...(negative && { negative }), latent, scheduler },
        { ...options, ...(partly && { part }) },
      ),
    }
  },
})
