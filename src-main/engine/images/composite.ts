import type { BlendMode, Composition } from '#core/plan/composition.ts'
import { itemOf } from '../tensor/batch.ts'
import type { FloatTensor } from '../tensor/float-tensor.ts'
import { scale } from '../tensor/scale.ts'
import { commonBatch } from './common-batch.ts'

/**
 * Blend functions of W3C Compositing and Blending Level 1, section 9: the result of the colour below and the layer's.
 */
const blends: Record<BlendMode, (below: number, layer: number) => number> = {
  normal: (_below, layer) => layer,
  multiply: (below, layer) => below * layer,
  screen,
  overlay: (below, layer) => (below <= 0.5 ? 2 * below * layer : screen(2 * below - 1, layer)),
  'soft-light': (below, layer) =>
    layer <= 0.5 ? below - (1 - 2 * layer) * below * (1 - below) : below + (2 * layer - 1) * (softened(below) - below),
  difference: (below, layer) => Math.abs(below - layer),
}

function screen(below: number, layer: number): number {
  return below + layer - below * layer
}

const softened = (below: number): number => (below <= 0.25 ? ((16 * below - 12) * below + 4) * below : Math.sqrt(below))

/**
 * Puts a layer on pictures, both `(batch, 3, height, width)`. Parts of the layer outside the pictures are cropped.
 * @param mask `(batch, 1, height, width)`, 1 where the layer is visible; scaled to the layer's size if it differs
 * @throws LoomError `mismatch` for batch sizes that do not match
 */
export function composite(
  background: FloatTensor,
  layer: FloatTensor,
  mask: FloatTensor | undefined,
  { x, y, mode, opacity }: Composition,
): FloatTensor {
  const batch = commonBatch({ background, layer, mask })
  const [, channels = 0, rows = 0, columns = 0] = background.shape
  const [, , height = 0, width = 0] = layer.shape
  const shown = mask && scale(mask, { width, height }, 'linear')
  const blend = blends[mode]
  const result = new Float32Array(batch * channels * rows * columns)
  for (let index = 0; index < batch; index++) {
    const picture = result.subarray(index * channels * rows * columns, (index + 1) * channels * rows * columns)
    picture.set(itemOf(background, index))
    const colours = itemOf(layer, index)
    const shares = shown && itemOf(shown, index)
    for (let channel = 0; channel < channels; channel++) {
      for (let row = Math.max(0, y); row < Math.min(rows, y + height); row++) {
        for (let column = Math.max(0, x); column < Math.min(columns, x + width); column++) {
          const inLayer = (row - y) * width + column - x
          const at = (channel * rows + row) * columns + column
          const share = opacity * (shares?.[inLayer] ?? 1)
          const below = picture[at] ?? 0
          picture[at] = (1 - share) * below + share * blend(below, colours[channel * height * width + inLayer] ?? 0)
        }
      }
    }
  }
  return { data: result, shape: [batch, channels, rows, columns] }
}
