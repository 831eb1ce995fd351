import { baseFamilies, defaultFamily } from '#core/families/families.ts'
import { vaeScaleFactor } from '#core/families/family.ts'
import { latentPreview } from '../preview/preview.ts'
import { tensorBytes, zeros } from '../tensor/float-tensor.ts'
import type { StepRule } from './context.ts'

/** An empty latent fits any model, because all base families have this many channels. */
const { channels } = baseFamilies[defaultFamily].latents

export const emptyLatent: StepRule<'empty-latent'> = {
  bytes: tensorBytes,
  async run(_context, _inputs, { width, height, batch }) {
    return { tensor: zeros([batch, channels, height / vaeScaleFactor, width / vaeScaleFactor]), empty: true }
  },
}

export const showLatent: StepRule<'show-latent'> = {
  async run({ emit, rgbFactors }, { latent }) {
    emit({ type: 'preview', ...latentPreview(latent.tensor, await rgbFactors.of(latent.vae)) })
  },
}
