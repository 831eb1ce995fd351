import { LoomError } from '#core/errors.ts'
import type { StepRule } from '../runtime/executor.ts'
import { interruption } from '../runtime/interruption.ts'
import type { FloatTensor, Latent, ModelValue } from '../runtime/values.ts'
import { createSolver } from '../sampling/create-solver.ts'
import { noiseSource } from '../sampling/noise-source.ts'
import { runSampler } from '../sampling/run-sampler.ts'
import { inpaintOf } from './inpaint.ts'
import { batchOf, latentBytes } from './latent-edits.ts'
import { createPredictor } from './predictor.ts'
import { createPreviewer } from './preview.ts'
import { asKind } from './source.ts'
import { strengthFeeds } from './strengths.ts'

/** Channels of a UNet that is shown a mask and what surrounds it beside the latent. */
const inpaintingChannels = 9

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
    const source = noiseSource({
      seed: BigInt(seed),
      noise,
      batchSeeds,
      batch: batchOf(latent),
      convention: scheduler.convention,
    })
    // One generator serves encoder and sampler in diffusers: what the encoder drew is not drawn again.
    if (latent.drawn?.seed === seed) source.initial.randn(latent.drawn.shape)
    const vae = model.checkpoint.identity
    const preview = await createPreviewer(context, { family: model.checkpoint.family, vae })
    const takesInpaint = model.network.config.inChannels === inpaintingChannels
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
    // in diffusers a hole that is drawn anew starts from noise alone, whatever was there
    const noiseAlone = latent.noiseMask !== undefined && strength === 1 && scheduler.convention === 'diffusers'
    const data = await runSampler(
      createSolver(scheduler, { prediction: model.prediction, strength: empty ? 1 : strength, part }),
      source,
      {
        shape: tensor.shape,
        ...(!empty && { latent: tensor.data }),
        ...(held && { mask: held.data }),
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
    const { drawn: _used, ...carried } = latent
    return { ...carried, tensor: { data, shape: tensor.shape }, empty: false, vae } satisfies Latent
  },
}

function requireChannels({ shape }: FloatTensor, { network, checkpoint }: ModelValue): void {
  const { outChannels } = network.config
  if (shape[1] === outChannels) return
  throw new LoomError('mismatch', `The latent has ${shape[1]} channels, but ${checkpoint.path} draws ${outChannels}.`, {
    input: 'latent',
    hint: 'Take the latent from the VAE of the same family.',
  })
}
