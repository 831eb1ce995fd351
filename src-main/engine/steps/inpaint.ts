import { LoomError } from '#core/errors.ts'
import { vaeScaleFactor } from '#core/families/family.ts'
import type { Latent } from '../runtime/values.ts'
import { type FloatTensor, planeSize, tensorBytes, zeros } from '../tensor/float-tensor.ts'
import { crop, subsample } from '../tensor/planes.ts'
import { resample } from '../tensor/resample.ts'
import type { StepRule } from './context.ts'
import { latentBytes } from './latent-edits.ts'

/** Threshold above which a mask counts as 1, as in diffusers. */
const half = 0.5

export const setNoiseMask: StepRule<'set-noise-mask'> = {
  bytes: latentBytes,
  async run(_context, { latent, mask }) {
    requireBatch(mask.tensor, latent.tensor, 'pictures of the latent')
    const noiseMask = resample(covered(mask.tensor, latent), planeSize(latent.tensor), 'bilinear')
    return { ...latent, noiseMask }
  },
}

export const hardenMask: StepRule<'harden-mask'> = {
  bytes: tensorBytes,
  run: async (_context, { mask, image }) => ({
    tensor: hard(resample(mask.tensor, planeSize(image.tensor), 'bilinear')),
  }),
}

export const greyOut: StepRule<'grey-out'> = {
  bytes: tensorBytes,
  async run(_context, { image, mask }) {
    requireBatch(mask.tensor, image.tensor, 'pictures')
    const { data, shape } = image.tensor
    const [, channels = 0, height = 0, width = 0] = shape
    const plane = height * width
    // diffusers fills with 0, but its pictures are in [-1, 1]
    const greyed = data.map((value, i) => {
      const at = Math.floor(i / (plane * channels)) * plane + (i % plane)
      return (mask.tensor.data[at % mask.tensor.data.length] ?? 0) < half ? value : 0.5
    })
    return { tensor: { data: greyed, shape } }
  },
}

/**
 * As in diffusers, a UNet with 4 channels is restricted by the noise mask; one with 9 channels sees mask and masked
 * picture instead and draws everywhere. The mask is reduced to the latent's size by taking every eighth pixel.
 */
export const inpaintLatent: StepRule<'inpaint-latent'> = {
  bytes: latentBytes,
  async run(_context, { latent, masked, mask: { tensor } }) {
    const mask = hard(subsample(covered(tensor, latent), vaeScaleFactor))
    return { ...latent, noiseMask: mask, inpaint: { mask, masked: masked.tensor } }
  },
}

/** The extra input of a UNet with 9 channels. By default the mask covers everything. */
export function inpaintOf(latent: Latent): NonNullable<Latent['inpaint']> {
  return latent.inpaint ?? { mask: ones(latent), masked: zeros(latent.tensor.shape) }
}

/** A mask that covers everything, `(1, 1, height, width)` in latent pixels. */
export function ones({ tensor }: Latent): FloatTensor {
  const { width, height } = planeSize(tensor)
  const mask = zeros([1, 1, height, width])
  mask.data.fill(1)
  return mask
}

/**
 * The input of a UNet with 9 channels, `(batch, 9, height, width)`: latents, mask, latent of the masked picture.
 * @param latents `(batch, 4, height, width)`; the batch is a multiple of those of mask and masked picture
 */
export function besideInpaint(latents: FloatTensor, { mask, masked }: NonNullable<Latent['inpaint']>): FloatTensor {
  const [batch = 0, ...rest] = latents.shape
  const parts = [latents, mask, masked]
  const channels = parts.reduce((sum, { shape }) => sum + (shape[1] ?? 0), 0)
  const result = zeros([batch, channels, ...rest.slice(1)])
  let at = 0
  for (let picture = 0; picture < batch; picture++) {
    for (const { data, shape } of parts) {
      const [there = 1] = shape
      const size = data.length / there
      const start = (picture % there) * size
      result.data.set(data.subarray(start, start + size), at)
      at += size
    }
  }
  return result
}

/** Crops a mask of picture size to the area of the latent, because VAE Encode crops to whole latent pixels. */
function covered(mask: FloatTensor, latent: Latent): FloatTensor {
  const [there, latentSize] = [planeSize(mask), planeSize(latent.tensor)]
  const [width, height] = [latentSize.width * vaeScaleFactor, latentSize.height * vaeScaleFactor]
  const [right, bottom] = [there.width - width, there.height - height]
  const cut = right >= 0 && right < vaeScaleFactor && bottom >= 0 && bottom < vaeScaleFactor
  return cut ? crop(mask, { x: right >> 1, y: bottom >> 1, width, height }) : mask
}

function hard({ data, shape }: FloatTensor): FloatTensor {
  return { data: data.map((value) => (value < half ? 0 : 1)), shape }
}

function requireBatch(mask: FloatTensor, of: FloatTensor, what: string): void {
  const [masks = 0, there = 0] = [mask.shape[0], of.shape[0]]
  if (masks === 1 || masks === there) return
  throw new LoomError('mismatch', `There are ${masks} masks for ${there} ${what}.`, {
    input: 'mask',
    hint: 'Give one mask for all, or one for each.',
  })
}
