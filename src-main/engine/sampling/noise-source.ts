import type { BatchSeeds, NoiseDevice } from '#core/plan/attributes.ts'
import type { Convention } from '#core/plan/scheduler.ts'
import { joined } from '../tensor/linear.ts'
import { type NormalGenerator, TorchGenerator } from './noise.ts'
import { PhiloxGenerator } from './philox.ts'

/** The noise generators of a run. */
export interface NoiseSource {
  /** For the initial noise. */
  readonly initial: NormalGenerator
  /** For the noise of the steps. May be the same generator. */
  readonly fresh: NormalGenerator
}

interface NoiseOptions {
  readonly seed: bigint
  readonly noise: NoiseDevice
  readonly batchSeeds: BatchSeeds
  readonly convention: Convention
  /** Size of the batch that noise is drawn for, and the indices of the pictures that are sampled. */
  readonly batch: { readonly size: number; readonly indices: readonly number[] }
}

/** The generators of a seed. In diffusers the steps continue the initial generator, in ComfyUI they have their own. */
const generators: Record<NoiseDevice, (seed: bigint, convention: Convention) => NoiseSource> = {
  cpu: (seed, convention) => {
    const initial = new TorchGenerator(seed)
    return { initial, fresh: convention === 'comfy' ? new TorchGenerator(seed + 1n) : initial }
  },
  gpu: (seed) => {
    const initial = new PhiloxGenerator(seed)
    return { initial, fresh: initial }
  },
  'gpu-steps': (seed) => ({ initial: new TorchGenerator(seed), fresh: new PhiloxGenerator(seed) }),
  none: (seed, convention) => ({ ...generators.cpu(seed, convention), initial: silence }),
}

/** Draws zeros. */
const silence: NormalGenerator = {
  randn: (shape) => new Float32Array(shape.reduce((product, size) => product * size, 1)),
}

/** The noise of a seed for the pictures of a batch. The first axis of a drawn shape is the number of pictures. */
export function noiseSource(options: NoiseOptions): NoiseSource {
  const { seed, noise, batchSeeds, convention, batch } = options
  if (batchSeeds === 'each') {
    const each = batch.indices.map((place) => generators[noise](BigInt.asUintN(64, seed + BigInt(place)), convention))
    return { initial: drawEach(each.map(({ initial }) => initial)), fresh: drawEach(each.map(({ fresh }) => fresh)) }
  }
  const { initial, fresh } = generators[noise](seed, convention)
  if (batch.size === batch.indices.length && batch.indices.every((place, i) => place === i)) return { initial, fresh }
  return { initial: drawSome(initial, batch), fresh: drawSome(fresh, batch) }
}

/** Draws each picture from a separate generator. */
function drawEach(generators: readonly NormalGenerator[]): NormalGenerator {
  return {
    randn: ([, ...rest]) => joined(generators.map((generator) => generator.randn([1, ...rest]))),
  }
}

/** Draws a whole batch and returns the pictures at `indices`. */
function drawSome(generator: NormalGenerator, { size, indices }: NoiseOptions['batch']): NormalGenerator {
  return {
    randn([, ...rest]) {
      const batch = generator.randn([size, ...rest])
      const each = batch.length / size
      return joined(indices.map((place) => batch.subarray(place * each, (place + 1) * each)))
    },
  }
}
