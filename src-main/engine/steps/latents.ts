import { latentPreview } from '../preview/preview.ts'
import type { StepRule } from '../runtime/executor.ts'
import { tensorBytes, zeros } from '../tensor/tensors.ts'

/** Pixels of a picture per value of a latent, each way. */
const factor = 8
const latentChannels = 4

export const emptyLatent: StepRule<'empty-latent'> = {
  bytes: tensorBytes,
  async run(_context, _inputs, { width, height, batch }) {
    return { tensor: zeros([batch, latentChannels, height / factor, width / factor]), empty: true }
  },
}

export const showLatent: StepRule<'show-latent'> = {
  async run({ emit, rgbFactors }, { latent }) {
    emit({ type: 'preview', ...latentPreview(latent.tensor, await rgbFactors.of(latent.vae)) })
  },
}
