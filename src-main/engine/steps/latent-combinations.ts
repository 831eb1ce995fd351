import { LoomError } from '#core/errors.ts'
import { vaeScaleFactor } from '#core/families/family.ts'
import type { LatentCombination } from '#core/plan/latent-edit.ts'
import { sizeFault } from '#core/plan/sizes.ts'
import type { Latent } from '../runtime/values.ts'
import { concatenate, repeated } from '../tensor/batch.ts'
import { type FloatTensor, planeSize } from '../tensor/float-tensor.ts'
import type { StepRule } from './context.ts'
import { inpaintOf, ones } from './inpaint.ts'
import { batchOf, inBatch, latentBytes, pixelsOf } from './latent-edits.ts'

export const combineLatents: StepRule<'combine-latents'> = {
  bytes: latentBytes,
  async run(_context, { first, second }, { how }) {
    const [a, b] = [first.tensor.shape[1], second.tensor.shape[1]]
    if (a !== b) {
      throw new LoomError('mismatch', `One latent has ${a} channels, the other ${b}.`, {
        input: 'second',
        hint: 'Take both from models of the same family.',
      })
    }
    return combined(how.kind, first, second, how)
  },
}

type CombinationOf<K extends LatentCombination['kind']> = Extract<LatentCombination, { kind: K }>

const combinations: {
  readonly [K in LatentCombination['kind']]: (first: Latent, second: Latent, how: CombinationOf<K>) => Latent
} = {
  composite: (first, second, how) => mixed(first, second, composite(first.tensor, alike(first, second), how)),
  blend: (first, second, { amount }) => {
    requireSameSize(first, second)
    const { data } = alike(first, second)
    const blended = first.tensor.data.map((value, i) => value * (1 - amount) + (data[i] ?? 0) * amount)
    return mixed(first, second, { ...first.tensor, data: blended })
  },
  join: (first, second) => {
    requireSameSize(first, second)
    const [a, b] = [batchOf(first), batchOf(second)]
    // equal indices would give two pictures the same noise
    const shift = b.indices.some((index) => a.indices.includes(index)) ? a.size : 0
    const joined = {
      ...mixed(first, second, concatenate(first.tensor, second.tensor)),
      ...joinedMasks(first, second),
    }
    const indices = [...a.indices, ...b.indices.map((index) => index + shift)]
    return inBatch(joined, indices, Math.max(a.size, b.size + shift))
  },
}

const combined = <K extends LatentCombination['kind']>(
  kind: K,
  first: Latent,
  second: Latent,
  how: CombinationOf<K>,
): Latent => combinations[kind](first, second, how)

/** Keeps the properties of the first, except those of its noise. The result is empty if both are. */
function mixed({ kept: _kept, ...first }: Latent, second: Latent, tensor: FloatTensor): Latent {
  const vae = first.vae ?? second.vae
  return { ...first, tensor, empty: first.empty && second.empty, ...(vae !== undefined && { vae }) }
}

/** The second's tensor in the first's batch size. A single picture is repeated. */
function alike(first: Latent, second: Latent): FloatTensor {
  const [wanted = 0, there] = [first.tensor.shape[0], second.tensor.shape[0]]
  if (there === wanted || there === 1) return repeated(second.tensor, wanted)
  throw new LoomError('mismatch', `One latent holds ${wanted} pictures, the other ${there}.`, {
    input: 'second',
    hint: 'Repeat or pick pictures until both hold as many, or give one.',
  })
}

function requireSameSize(first: Latent, second: Latent): void {
  const fault = sizeFault(pixelsOf(first.tensor), pixelsOf(second.tensor), 'latent')
  if (fault) throw fault
}

/** Puts the second on the first. Parts outside are cut off. */
function composite(below: FloatTensor, above: FloatTensor, how: CombinationOf<'composite'>): FloatTensor {
  const [whole, part] = [planeSize(below), planeSize(above)]
  const [left, top, feather] = [how.x / vaeScaleFactor, how.y / vaeScaleFactor, how.feather / vaeScaleFactor]
  const [columns, rows] = [Math.min(part.width, whole.width - left), Math.min(part.height, whole.height - top)]
  const across = shares(part.width, feather, left > 0, left + part.width < whole.width)
  const down = shares(part.height, feather, top > 0, top + part.height < whole.height)
  const data = below.data.slice()
  for (let plane = 0; plane < data.length / (whole.width * whole.height); plane++) {
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        const at = (plane * whole.height + top + y) * whole.width + left + x
        const value = above.data[(plane * part.height + y) * part.width + x] ?? 0
        const share = (across[x] ?? 0) * (down[y] ?? 0)
        data[at] = (data[at] ?? 0) * (1 - share) + value * share
      }
    }
  }
  return { data, shape: below.shape }
}

/** Opacity of the upper latent along a side, rising over `feather` pixels from each fading edge. */
function shares(size: number, feather: number, fromStart: boolean, toEnd: boolean): number[] {
  const rising = (pixel: number) => Math.min(1, (pixel + 1) / Math.max(feather, 1))
  return Array.from({ length: size }, (_, i) => (fromStart ? rising(i) : 1) * (toEnd ? rising(size - 1 - i) : 1))
}

/** Concatenates the masks. If only one latent has a mask, the other gets one that covers everything. */
function joinedMasks(first: Latent, second: Latent): Pick<Latent, 'noiseMask' | 'inpaint'> {
  const noise = first.noiseMask ?? second.noiseMask
  const inpaint = first.inpaint ?? second.inpaint
  const each = (latent: Latent, part: FloatTensor) => repeated(part, latent.tensor.shape[0] ?? 0)
  const both = (part: (latent: Latent) => FloatTensor) =>
    concatenate(each(first, part(first)), each(second, part(second)))
  return {
    ...(noise && { noiseMask: both((latent) => latent.noiseMask ?? ones(latent)) }),
    ...(inpaint && {
      inpaint: {
        mask: both((latent) => inpaintOf(latent).mask),
        masked: both((latent) => inpaintOf(latent).masked),
      },
    }),
  }
}
