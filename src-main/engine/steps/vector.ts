import { LoomError } from '#core/errors.ts'
import type { ConditioningPart } from '../runtime/values.ts'

const { fround } = Math
const maxPeriod = 10_000
/** Original height and width, crop top and left, target height and width. */
const sizes = 6

/**
 * SDXL's vector, which is added to the timestep embedding: the pooled text, then six sizes as cosines and sines
 * (arXiv 2307.01952, section 2.2).
 *
 * @param width width of the vector
 * @param picture size of the drawn picture in pixels, the default of missing sizes
 * @throws LoomError `mismatch` if the pooled text is missing or has another width
 */
export function vectorOf(
  { pooled, size }: ConditioningPart,
  width: number,
  picture: { readonly height: number; readonly width: number },
): Float32Array {
  const each = (width - (pooled?.data.length ?? 0)) / sizes
  if (!pooled || !Number.isInteger(each / 2)) {
    throw new LoomError('mismatch', 'The prompt has not the pooled text that a Stable Diffusion XL model needs.', {
      input: 'positive',
      hint: 'Encode it with the two text encoders of a Stable Diffusion XL checkpoint.',
    })
  }
  const { originalHeight = picture.height, originalWidth = picture.width } = size ?? {}
  const { cropTop = 0, cropLeft = 0, targetHeight = picture.height, targetWidth = picture.width } = size ?? {}
  const vector = new Float32Array(width)
  vector.set(pooled.data)
  const values = [originalHeight, originalWidth, cropTop, cropLeft, targetHeight, targetWidth]
  for (const [i, value] of values.entries()) vector.set(sinusoid(value, each), pooled.data.length + i * each)
  return vector
}

/** Cosines, then sines, of a number, rounded to float32 at the same points as in diffusers. */
function sinusoid(value: number, width: number): Float32Array {
  const half = width / 2
  const embedding = new Float32Array(width)
  for (let i = 0; i < half; i++) {
    const frequency = fround(Math.exp(fround(fround(-Math.log(maxPeriod) * i) / half)))
    const angle = fround(value * frequency)
    embedding[i] = Math.cos(angle)
    embedding[half + i] = Math.sin(angle)
  }
  return embedding
}
