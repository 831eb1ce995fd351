import { LoomError } from '#core/errors.ts'
import { vaeScaleFactor } from '#core/families/family.ts'
import type { Latent } from '../runtime/values.ts'
import { type FloatTensor, planeSize, tensorBytes, zeros } from '../tensor/float-tensor.ts'
import { crop, subsample } from '../tensor/planes.ts'
import { resample } from '../tensor/resample.ts'
import type { StepRule } from './context.ts'
import { latentBytes } from './latent-edits.ts'

/** From where on a mask counts as 1; as diffusers binarises. */
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
    // 0.5 is the 0 that diffusers sets: pictures are -1 to 1 there
    const greyed = data.map((value, i) => {
      const at = Math.floor(i / (plane * channels)) * plane + (i % plane)
      return (mask.tensor.data[at % mask.tensor.data.length] ?? 0) < half ? value : 0.5
    })
    return { tensor: { data: greyed, shape } }
  },
}

/**
 * A UNet of 4 channels is held to the noise mask while it draws; one of 9 is shown hole and surroundings instead and draws
 * everywhere, as in diffusers. The mask is brought to the latent's size as there: the top left one of the pixels that become one decides.
 */
export const inpaintLatent: StepRule<'inpaint-latent'> = {
  bytes: latentBytes,
  async run(_context, { latent, masked, mask: { tensor } }) {
    const mask = hard(subsample(covered(tensor, latent), vaeScaleFactor))
    return { ...latent, noiseMask: mask, inpaint: { mask, masked: masked.tensor } }
  },
}

/** What a UNet of 9 channels is shown: what the latent carries, or that nothing is known and all is to be drawn. */
export function inpaintOf(latent: Latent): NonNullable<Latent['inpaint']> {
  return latent.inpaint ?? { mask: ones(latent), masked: zeros(latent.tensor.shape) }
}

/** A mask that draws everything, `(1, 1, height, width)` in pixels of the latent. */
export function ones({ tensor }: Latent): FloatTensor {
  const { width, height } = planeSize(tensor)
  const mask = zeros([1, 1, height, width])
  mask.data.fill(1)
  return mask
}

/**
 * The latents as a UNet of 9 channels takes them, `(batch, 9, height, width)`: latent, mask, latent of the surroundings.
 * @param latents `(batch, 4, height, width)`, a multiple of the pictures that mask and surroundings are given for
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

/** The part of a mask of the picture's size that the latent covers: VAE Encode cuts the edges to whole pixels of the latent. */
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
