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

/** Solver steps over the UNet, with classifier-free guidance in one batched pass where it is asked for. */
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
    // One generator serves encoder and sampler in diffusers: what the encoder drew is not drawn again.
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
      inpaint: takesInpaint ? inpaintOf(latent) : undefined,
    })
    // a UNet that is shown the surroundings is not held to them
    const held = takesInpaint && latent.inpaint ? undefined : latent.noiseMask
    const kept = keptOf(latent, noise, () =>
      // in ComfyUI DDIM shows what is kept with noise of its own
      kind === 'ddim' && convention === 'comfy'
        ? noiseSource({ ...wanted, seed: BigInt(seed) + 1n, noise: 'cpu' }).initial.randn(tensor.shape)
        : start,
    )
    const isFresh = noise !== 'none' && !part?.start
    // in diffusers a hole that is drawn anew starts from noise alone, whatever was there
    const noiseAlone = latent.noiseMask !== undefined && strength === 1 && convention === 'diffusers' && isFresh
    const solver = createSolver(scheduler, { prediction: model.prediction, strength: empty ? 1 : strength, part })
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

/** What a noise mask keeps: what it kept in the run that is gone on with, else the latent as it comes. */
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
