import { LoomError } from '#core/errors.ts'
import type { NoiseDevice } from '#core/plan/attributes.ts'
import { isInpainting } from '../models/config.ts'
import { createPreviewer } from '../preview/preview.ts'
import { interruption } from '../runtime/interruption.ts'
import type { Latent, ModelValue } from '../runtime/values.ts'
import { createSolver } from '../sampling/create-solver.ts'
import { noiseSource } from '../sampling/noise-source.ts'
import { runSampler } from '../sampling/run-sampler.ts'
import type { FloatTensor } from '../tensor/float-tensor.ts'
import type { StepRule } from './context.ts'
import { inpaintOf } from './inpaint.ts'
import { batchOf, latentBytes } from './latent-edits.ts'
import { createPredictor } from './predictor.ts'
import { asKind } from './source.ts'
import { strengthFeeds } from './strengths.ts'

/** Runs the solver on the UNet. Classifier-free guidance runs both prompts in one batch. */
export const sample: StepRule<'sample'> = {
  bytes: latentBytes,
  async run(
    context,
    { session, strengths, positive, negative, latent, scheduler },
    { seed, guidance, strength, noise = 'cpu', batchSeeds = 'batch', part },
  ) {
    const model = asKind(session.of, 'model')
    const { tensor, empty } = latent
    requireChannels(tensor, model)
    context.emit({ type: 'phase', phase: 'sample', label: scheduler.kind })
    const { kind, convention } = scheduler
    const wanted = { seed: BigInt(seed), noise, batchSeeds, batch: batchOf(latent), convention }
    const { initial, fresh } = noiseSource(wanted)
    // diffusers uses one generator for encoder and sampler, so skip the encoder's noise
    if (latent.drawn?.seed === seed && convention === 'diffusers') initial.randn(latent.drawn.shape)
    const start = initial.randn(tensor.shape)
    const vae = model.checkpoint.identity
    const preview = await createPreviewer(context, { family: model.checkpoint.family, vae })
    const takesInpaint = isInpainting(model.network.config)
    const predict = createPredictor({
      session,
      strengths: strengthFeeds(strengths),
      model,
      positive,
      negative,
      guidance,
      shape: tensor.shape,
      using: context,
      inpaint: takesInpaint ? inpaintOf(latent) : undefined,
    })
    // an inpainting UNet sees the masked picture and is not restricted by the mask
    const held = takesInpaint && latent.inpaint ? undefined : latent.noiseMask
    const kept = keptOf(latent, noise, () =>
      // in ComfyUI, DDIM adds different noise to the kept area
      kind === 'ddim' && convention === 'comfy'
        ? noiseSource({ ...wanted, seed: BigInt(seed) + 1n, noise: 'cpu' }).initial.randn(tensor.shape)
        : start,
    )
    const isFresh = noise !== 'none' && !part?.start
    // in diffusers, at strength 1 the masked area starts from pure noise
    const noiseAlone = latent.noiseMask !== undefined && strength === 1 && convention === 'diffusers' && isFresh
    const solver = createSolver(scheduler, { ...model.training, strength: empty ? 1 : strength, part })
    const data = await runSampler(
      solver,
      { initial: { randn: () => start }, fresh },
      {
        shape: tensor.shape,
        ...(!empty && { latent: tensor.data }),
        ...(held && { mask: held.data, kept: { clean: kept.clean.data, noise: kept.noise.data } }),
        noiseAlone,
      },
      {
        predict,
        async stepped(step, steps, denoised) {
          context.emit({ type: 'step', step, steps })
          if (context.previews) {
            context.emit({ type: 'preview', ...(await preview({ data: denoised, shape: tensor.shape })) })
          }
          await interruption(context.signal)
        },
      },
    )
    const { drawn: _used, kept: _before, ...carried } = latent
    const isNoisy = solver.levels.at(-1)?.sigma !== 0
    return {
      ...carried,
      tensor: { data, shape: tensor.shape },
      empty: false,
      vae,
      ...(isNoisy && held && !empty && { kept }),
    } satisfies Latent
  },
}

/** The kept content of a noise mask: that of the run that is continued, or else the given latent. */
function keptOf(
  { kept, tensor }: Latent,
  noise: NoiseDevice,
  shownWith: () => Float32Array,
): NonNullable<Latent['kept']> {
  if (kept && noise === 'none') return kept
  return { clean: tensor, noise: { data: shownWith(), shape: tensor.shape } }
}

function requireChannels({ shape }: FloatTensor, { network, checkpoint }: ModelValue): void {
  const { outChannels } = network.config
  if (shape[1] === outChannels) return
  throw new LoomError('mismatch', `The latent has ${shape[1]} channels, but ${checkpoint.path} draws ${outChannels}.`, {
    input: 'latent',
    hint: 'Take the latent from the VAE of the same family.',
  })
}
