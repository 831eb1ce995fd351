import { LoomError } from '#core/errors.ts'
import { editedSize, editFault, type ImageEdit, type ImageEditOf } from '#core/plan/image-edit.ts'
import { type PixelSize, sizeFault } from '#core/plan/sizes.ts'
import { composite } from '../images/composite.ts'
import { pad } from '../images/pad.ts'
import { concatenate, pick } from '../tensor/batch.ts'
import { type FloatTensor, planeSize, tensorBytes } from '../tensor/float-tensor.ts'
import { crop } from '../tensor/planes.ts'
import { blur, scale } from '../tensor/scale.ts'
import type { StepRule } from './context.ts'

export const editImage: StepRule<'edit-image'> = {
  bytes: tensorBytes,
  async run(_context, { image: { tensor } }, { edit }) {
    const fault = editFault(edit, planeSize(tensor))
    if (fault) throw fault
    return { tensor: edited(edit.kind, tensor, edit) }
  },
}

export const compositeImages: StepRule<'composite-images'> = {
  bytes: tensorBytes,
  run: async (_context, { background, layer, mask }, how) => ({
    tensor: composite(background.tensor, layer.tensor, mask?.tensor, how),
  }),
}

export const batchImages: StepRule<'batch-images'> = {
  bytes: tensorBytes,
  async run(_context, { first, second }) {
    const fault = sizeFault(planeSize(first.tensor), planeSize(second.tensor), 'image')
    if (fault) throw fault
    return { tensor: concatenate(first.tensor, second.tensor) }
  },
}

const edits: { readonly [K in ImageEdit['kind']]: (tensor: FloatTensor, edit: ImageEditOf<K>) => FloatTensor } = {
  scale: (tensor, edit) => clamped(scale(inProportion(tensor, edit), sizeAfter(edit, tensor), edit.method)),
  'scale-by': (tensor, edit) => clamped(scale(tensor, sizeAfter(edit, tensor), edit.method)),
  crop,
  pad: (tensor, edit) => pad(tensor, edit, edit.fill),
  blur: (tensor, { radius }) => blur(tensor, radius),
  sharpen(tensor, { radius, amount }) {
    const soft = blur(tensor, radius).data
    const data = tensor.data.map((value, i) => value + amount * (value - (soft[i] ?? 0)))
    return clamped({ data, shape: tensor.shape })
  },
  invert: ({ data, shape }) => ({ data: data.map((value) => 1 - value), shape }),
  pick(tensor, { index, count }) {
    const there = tensor.shape[0] ?? 0
    if (index + count > there) throw notInBatch(index, count, there)
    return pick(
      tensor,
      Array.from({ length: count }, (_, i) => index + i),
    )
  },
}

const edited = <K extends ImageEdit['kind']>(kind: K, tensor: FloatTensor, edit: ImageEditOf<K>): FloatTensor =>
  edits[kind](tensor, edit)

const sizeAfter = (edit: ImageEdit, tensor: FloatTensor): PixelSize => editedSize(edit, planeSize(tensor))

/** For `crop`, the centre of a picture in the proportions of the target size. */
function inProportion(tensor: FloatTensor, { proportions, width, height }: ImageEditOf<'scale'>): FloatTensor {
  if (proportions !== 'crop' || width === 0 || height === 0) return tensor
  const whole = planeSize(tensor)
  const kept = {
    width: Math.min(whole.width, Math.max(1, Math.round((whole.height * width) / height))),
    height: Math.min(whole.height, Math.max(1, Math.round((whole.width * height) / width))),
  }
  return crop(tensor, { x: (whole.width - kept.width) >> 1, y: (whole.height - kept.height) >> 1, ...kept })
}

/** Clamps to [0, 1], because kernels and sharpening overshoot at hard edges. */
function clamped({ data, shape }: FloatTensor): FloatTensor {
  return { data: data.map((value) => Math.min(Math.max(value, 0), 1)), shape }
}

function notInBatch(index: number, count: number, there: number): LoomError {
  const wanted = count === 1 ? `picture ${index + 1}` : `pictures ${index + 1} to ${index + count}`
  return new LoomError('range', `The batch ends at picture ${there}; ${wanted} cannot be picked.`, {
    input: 'first',
    hint: 'Count from 1, and pick no more than there are.',
  })
}
