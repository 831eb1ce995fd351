import type { MaskCombination, MaskEdit, MaskEditOf, MaskSource } from '#core/plan/mask-edit.ts'
import { commonBatch } from '../images/common-batch.ts'
import { paddingMask } from '../images/pad.ts'
import { itemOf } from '../tensor/batch.ts'
import { dilate } from '../tensor/dilate.ts'
import { type FloatTensor, planeSize, tensorBytes } from '../tensor/float-tensor.ts'
import { blur, scale } from '../tensor/scale.ts'
import type { StepRule } from './context.ts'

export const imageToMask: StepRule<'image-to-mask'> = {
  bytes: tensorBytes,
  run: async (_context, { image }, { source }) => ({ tensor: taken(source.kind, image.tensor, source) }),
}

export const maskToImage: StepRule<'mask-to-image'> = {
  bytes: tensorBytes,
  async run(_context, { mask: { tensor } }) {
    const [batch = 0, , height = 0, width = 0] = tensor.shape
    const size = height * width
    const data = new Float32Array(batch * 3 * size)
    for (let plane = 0; plane < batch * 3; plane++) data.set(itemOf(tensor, Math.floor(plane / 3)), plane * size)
    return { tensor: { data, shape: [batch, 3, height, width] } }
  },
}

export const solidMask: StepRule<'solid-mask'> = {
  bytes: tensorBytes,
  run: async (_context, _inputs, { value, width, height }) => ({
    tensor: { data: new Float32Array(width * height).fill(value), shape: [1, 1, height, width] },
  }),
}

export const editMask: StepRule<'edit-mask'> = {
  bytes: tensorBytes,
  run: async (_context, { mask }, { edit }) => ({ tensor: edited(edit.kind, mask.tensor, edit) }),
}

/** Stretches the second to the size of the first if necessary. */
export const combineMasks: StepRule<'combine-masks'> = {
  bytes: tensorBytes,
  async run(_context, { first, second }, { how }) {
    const batch = commonBatch({ first: first.tensor, second: second.tensor })
    const fitted = scale(second.tensor, planeSize(first.tensor), 'linear')
    const shape = first.tensor.shape.with(0, batch)
    const size = first.tensor.data.length / (first.tensor.shape[0] ?? 1)
    const data = new Float32Array(batch * size)
    for (let index = 0; index < batch; index++) {
      const other = itemOf(fitted, index)
      const mixed = itemOf(first.tensor, index).map((value, i) => combinations[how](value, other[i] ?? 0))
      data.set(mixed, index * size)
    }
    return { tensor: { data, shape } }
  },
}

const combinations: Record<MaskCombination, (first: number, second: number) => number> = {
  add: (first, second) => Math.min(1, first + second),
  subtract: (first, second) => Math.max(0, first - second),
  multiply: (first, second) => first * second,
  and: Math.min,
  or: Math.max,
  xor: (first, second) => Math.abs(first - second),
}

const edits: { readonly [K in MaskEdit['kind']]: (mask: FloatTensor, edit: MaskEditOf<K>) => FloatTensor } = {
  invert: inverted,
  threshold: ({ data, shape }, { level }) => ({ data: data.map((value) => (value >= level ? 1 : 0)), shape }),
  grow: (mask, { by }) => (by < 0 ? inverted(dilate(inverted(mask), -by)) : dilate(mask, by)),
  blur: (mask, { radius }) => blur(mask, radius),
}

const edited = <K extends MaskEdit['kind']>(kind: K, mask: FloatTensor, edit: MaskEditOf<K>): FloatTensor =>
  edits[kind](mask, edit)

function inverted({ data, shape }: FloatTensor): FloatTensor {
  return { data: data.map((value) => 1 - value), shape }
}

type SourceOf<K extends MaskSource['kind']> = Extract<MaskSource, { kind: K }>

const sources: { readonly [K in MaskSource['kind']]: (image: FloatTensor, source: SourceOf<K>) => FloatTensor } = {
  channel(image, { channel }) {
    const [batch = 0, , height = 0, width = 0] = image.shape
    const size = height * width
    const data = new Float32Array(batch * size)
    const shares = weights[channel]
    for (let index = 0; index < batch; index++) {
      const colours = itemOf(image, index)
      for (let i = 0; i < size; i++) {
        data[index * size + i] = shares.reduce((sum, share, c) => sum + share * (colours[c * size + i] ?? 0), 0)
      }
    }
    return { data, shape: [batch, 1, height, width] }
  },
  padding: (image, source) => paddingMask(planeSize(image), source),
}

const taken = <K extends MaskSource['kind']>(kind: K, image: FloatTensor, source: SourceOf<K>): FloatTensor =>
  sources[kind](image, source)

type Channel = SourceOf<'channel'>['channel']

/** Weights of red, green and blue. Brightness is the luma of ITU-R BT.709. */
const weights: Record<Channel, readonly number[]> = {
  red: [1, 0, 0],
  green: [0, 1, 0],
  blue: [0, 0, 1],
  brightness: [0.2126, 0.7152, 0.0722],
}
