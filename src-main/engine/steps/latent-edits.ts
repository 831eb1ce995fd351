import { LoomError } from '#core/errors.ts'
import { vaeScaleFactor } from '#core/families/family.ts'
import { editedLatentSize, type LatentEdit, type LatentEditOf, latentEditFault } from '#core/plan/latent-edit.ts'
import type { Latent } from '../runtime/values.ts'
import { pick } from '../tensor/batch.ts'
import { type FloatTensor, floatBytes, planeSize } from '../tensor/float-tensor.ts'
import { crop, turned } from '../tensor/planes.ts'
import { resample } from '../tensor/resample.ts'
import type { StepRule } from './context.ts'

export const editLatent: StepRule<'edit-latent'> = {
  bytes: latentBytes,
  async run(_context, { latent }, { edit }) {
    const fault = latentEditFault(edit, pixelsOf(latent.tensor))
    if (fault) throw fault
    return edited(edit.kind, latent, edit)
  },
}

const edits: { readonly [K in LatentEdit['kind']]: (latent: Latent, edit: LatentEditOf<K>) => Latent } = {
  scale: resized,
  resize: resized,
  crop: (latent, { x, y, width, height }) => {
    const part = {
      x: x / vaeScaleFactor,
      y: y / vaeScaleFactor,
      width: width / vaeScaleFactor,
      height: height / vaeScaleFactor,
    }
    return everyPart(latent, (tensor) => crop(tensor, part))
  },
  turn: (latent, { turn }) => everyPart(latent, (tensor) => turned(tensor, turn)),
  repeat: (latent, { count }) => {
    const { indices, size } = batchOf(latent)
    // each copy takes the noise after that of the copy before
    const numbered = Array.from({ length: count }, (_, copy) => indices.map((index) => index + copy * size)).flat()
    const order = Array.from({ length: count }, () => [...indices.keys()]).flat()
    return inBatch(rows(latent, order), numbered, count * size)
  },
  pick: (latent, { index, count }) => {
    const { indices, size } = batchOf(latent)
    requirePictures(index, count, indices.length)
    const order = Array.from({ length: count }, (_, i) => index + i)
    return inBatch(rows(latent, order), indices.slice(index, index + count), size)
  },
}

const edited = <K extends LatentEdit['kind']>(kind: K, latent: Latent, edit: LatentEditOf<K>): Latent =>
  edits[kind](latent, edit)

/** Size of a latent and its masks in bytes. */
export function latentBytes({ tensor, noiseMask, inpaint, kept }: Latent): number {
  const parts = [tensor, noiseMask, inpaint?.mask, inpaint?.masked, kept?.clean, kept?.noise]
  return parts.reduce((sum, part) => sum + (part ? floatBytes(part) : 0), 0)
}

/** Indices of the pictures in the noise batch, and its size. */
export function batchOf({ tensor, batchIndices, batchSize }: Latent): { indices: readonly number[]; size: number } {
  const count = tensor.shape[0] ?? 0
  return { indices: batchIndices ?? Array.from({ length: count }, (_, i) => i), size: batchSize ?? count }
}

/** The latent with these indices in the noise batch. They are omitted if the batch is whole and in order. */
export function inBatch(
  { batchIndices: _indices, batchSize: _size, ...latent }: Latent,
  indices: readonly number[],
  size: number,
): Latent {
  const whole = indices.length === size && indices.every((index, i) => index === i)
  return whole ? latent : { ...latent, batchIndices: indices, batchSize: size }
}

/** Width and height of the picture in pixels. */
export function pixelsOf(tensor: FloatTensor): { width: number; height: number } {
  const { width, height } = planeSize(tensor)
  return { width: width * vaeScaleFactor, height: height * vaeScaleFactor }
}

/** Applies a function to the latent and to all its tensors of the same size. */
function everyPart(
  { tensor, noiseMask, inpaint, kept, ...rest }: Latent,
  change: (tensor: FloatTensor) => FloatTensor,
  ofMask = change,
): Latent {
  return {
    ...rest,
    tensor: change(tensor),
    ...(noiseMask && { noiseMask: ofMask(noiseMask) }),
    ...(inpaint && { inpaint: { mask: ofMask(inpaint.mask), masked: change(inpaint.masked) } }),
    ...(kept && { kept: { clean: change(kept.clean), noise: change(kept.noise) } }),
  }
}

/** The pictures of the batch in this order. A shared mask stays single. */
function rows(latent: Latent, order: readonly number[]): Latent {
  const batch = latent.tensor.shape[0]
  return everyPart(latent, (tensor) => (tensor.shape[0] === batch ? pick(tensor, order) : tensor))
}

function resized(latent: Latent, edit: LatentEditOf<'scale' | 'resize'>): Latent {
  const { width, height } = editedLatentSize(edit, pixelsOf(latent.tensor))
  const size = { width: width / vaeScaleFactor, height: height / vaeScaleFactor }
  return everyPart(
    latent,
    (tensor) => resample(tensor, size, edit.method),
    // keeps zeros and ones
    (mask) => resample(mask, size, 'nearest'),
  )
}

function requirePictures(index: number, count: number, there: number): void {
  if (index + count <= there) return
  const wanted = count === 1 ? `picture ${index + 1}` : `pictures ${index + 1} to ${index + count}`
  throw new LoomError(
    'range',
    `The batch has ${there} ${there === 1 ? 'picture' : 'pictures'}, but ${wanted} is asked for.`,
    {
      input: 'first',
      hint: 'Count from 1, and pick no more than there are.',
    },
  )
}
