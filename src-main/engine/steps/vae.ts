import { LoomError } from '#core/errors.ts'
import { vaeScaleFactor } from '#core/families/family.ts'
import type { StepAttributes } from '#core/plan/ops.ts'
import { outerNorms } from '../models/networks/autoencoder-kl.ts'
import { statisticsShape } from '../models/networks/joint-norm.ts'
import { fitRgbFactors } from '../preview/rgb-factors.ts'
import { interruption } from '../runtime/interruption.ts'
import type { Latent, SessionValue } from '../runtime/values.ts'
import { TorchGenerator } from '../sampling/noise.ts'
import { batched, unbatched } from '../tensor/batch.ts'
import { type FloatTensor, planeSize, scalar, tensorBytes, zeros } from '../tensor/float-tensor.ts'
import { crop } from '../tensor/planes.ts'
import { countTiles, overTiles, type Tiling, thinned } from '../tensor/tiles.ts'
import type { StepContext, StepRule } from './context.ts'
import { asKind } from './source.ts'

type Encoded = Partial<Record<'mean' | 'logvar', FloatTensor>>

export const vaeDecode: StepRule<'vae-decode'> = {
  bytes: tensorBytes,
  async run(context, { session, latent }) {
    context.emit({ type: 'phase', phase: 'decode', label: session.session.name })
    const decode = async (tensor: FloatTensor) =>
      (await session.session.run({ latent: tensor }, context.signal)).image ?? lacks('decoder', 'image')
    const tensor = await decode(latent.tensor)
    await learnColours(context, session, decode)
    return { tensor }
  },
}

export const vaeDecodeTiled: StepRule<'vae-decode-tiled'> = {
  bytes: tensorBytes,
  async run(context, { inner, outer, latent }, { tile, overlap }) {
    context.emit({ type: 'phase', phase: 'decode', label: outer.session.name })
    const tiling = { tile: tile / vaeScaleFactor, overlap: overlap / vaeScaleFactor, from: 1, to: vaeScaleFactor }
    const decode = async (tensor: FloatTensor) => {
      const { features = lacks('decoder', 'features') } = await inner.session.run({ latent: tensor }, context.signal)
      return throughOuter(context, { session: outer, half: 'decoder', input: features, tiling })
    }
    const decoded: FloatTensor[] = []
    for (const picture of unbatched(latent.tensor)) decoded.push(await decode(picture))
    const tensor = batched(decoded)
    await learnColours(context, outer, decode)
    return { tensor }
  },
}

/** Fits preview factors here, because the decoder is loaded anyway. */
async function learnColours(
  { previews, rgbFactors }: StepContext,
  { of }: SessionValue,
  decode: (latent: FloatTensor) => Promise<FloatTensor>,
): Promise<void> {
  const { checkpoint, network } = asKind(of, 'vae')
  if (previews) {
    await rgbFactors.learn(checkpoint.identity, () => fitRgbFactors(network.config.latentChannels, decode))
  }
}

export const vaeEncode: StepRule<'vae-encode'> = {
  bytes: tensorBytes,
  async run({ emit, signal }, { session, image }, options) {
    emit({ type: 'phase', phase: 'encode', label: session.session.name })
    return latentOf(
      session,
      await session.session.run({ image: cropToMultiple(image.tensor, vaeScaleFactor) }, signal),
      options,
    )
  },
}

export const vaeEncodeTiled: StepRule<'vae-encode-tiled'> = {
  bytes: tensorBytes,
  async run(context, { outer, inner, image }, { tile, overlap, ...options }) {
    context.emit({ type: 'phase', phase: 'encode', label: outer.session.name })
    const tiling = { tile: tile / vaeScaleFactor, overlap: overlap / vaeScaleFactor, from: vaeScaleFactor, to: 1 }
    const means: FloatTensor[] = []
    const logvars: FloatTensor[] = []
    for (const input of unbatched(cropToMultiple(image.tensor, vaeScaleFactor))) {
      const features = await throughOuter(context, { session: outer, half: 'encoder', input, tiling })
      const { mean = lacks('encoder', 'latent'), logvar } = await inner.session.run({ features }, context.signal)
      means.push(mean)
      if (logvar) logvars.push(logvar)
    }
    return latentOf(inner, { mean: batched(means), ...(logvars.length > 0 && { logvar: batched(logvars) }) }, options)
  },
}

interface Outer {
  readonly session: SessionValue
  readonly half: 'encoder' | 'decoder'
  readonly input: FloatTensor
  readonly tiling: Tiling
}

/**
 * Number of passes over all tiles that refine the statistics of the whole, each with the result of the pass before. A
 * subsampled latent already gives good statistics, but a subsampled picture does not.
 */
const surveys = { decoder: 0, encoder: 2 } as const

/**
 * Runs the outer part tile by tile. All tiles are normalised by the same statistics. With its own statistics, a tile
 * would be brighter or darker than its neighbours.
 */
async function throughOuter(
  { emit, signal }: StepContext,
  { session, half, input, tiling }: Outer,
): Promise<FloatTensor> {
  const { config } = asKind(session.of, 'vae').network
  const name = half === 'encoder' ? 'image' : 'features'
  const norms = config.kind === 'taesd' ? 0 : outerNorms(config, half)
  const run = (tile: FloatTensor, given: FloatTensor | undefined) =>
    session.session.run(
      { [name]: tile, known: scalar(given ? 1 : 0), given: given ?? zeros(statisticsShape(norms)) },
      signal,
    )
  const tiles = countTiles(input, tiling)
  const alike = tiles === 1 || norms === 0
  const passes = alike ? 1 : surveys[half] + 1
  let step = 0
  let given = alike || surveys[half] > 0 ? undefined : (await run(thinned(input, tiling), undefined)).statistics
  let result = input
  for (let pass = 0; pass < passes; pass++) {
    const own: FloatTensor[] = []
    result = await overTiles(input, tiling, async (tile) => {
      await interruption(signal)
      const { image, features = image, statistics } = await run(tile, given)
      step += 1
      if (tiles > 1) emit({ type: 'step', step, steps: passes * tiles })
      if (statistics) own.push(statistics)
      return features ?? lacks(half, 'tile')
    })
    given = pooled(own)
  }
  return result
}

/** Statistics over tiles of equal size: the mean of their means, and the variance of all values. */
function pooled(statistics: readonly FloatTensor[]): FloatTensor {
  const [first = zeros([0])] = statistics
  const [, moments = 1, groups = 1] = first.shape
  const joint = zeros(first.shape)
  const average = (of: (data: Float32Array) => number) =>
    statistics.reduce((sum, { data }) => sum + of(data), 0) / statistics.length
  for (let at = 0; at < joint.data.length; at += moments * groups) {
    for (let mean = at; mean < at + groups; mean++) {
      const variance = mean + groups
      const centre = average((data) => data[mean] ?? 0)
      joint.data[mean] = centre
      joint.data[variance] = average((data) => (data[variance] ?? 0) + ((data[mean] ?? 0) - centre) ** 2)
    }
  }
  return joint
}

function latentOf(
  { of }: SessionValue,
  { mean = lacks('encoder', 'latent'), logvar }: Encoded,
  { posterior, seed }: StepAttributes['vae-encode'],
): Latent {
  const { checkpoint, network } = asKind(of, 'vae')
  const { scaling } = network.config
  const vae = checkpoint.identity
  // a tiny autoencoder has no variance
  if (posterior === 'mean' || !logvar) {
    return { tensor: { data: mean.data.map((value) => value * scaling), shape: mean.shape }, empty: false, vae }
  }
  const noise = new TorchGenerator(BigInt(seed)).randn(mean.shape)
  const data = mean.data.map((value, i) => scaling * (value + Math.exp(0.5 * (logvar.data[i] ?? 0)) * (noise[i] ?? 0)))
  return { tensor: { data, shape: mean.shape }, empty: false, vae, drawn: { seed, shape: mean.shape } }
}

function lacks(half: 'encoder' | 'decoder', what: string): never {
  throw new LoomError('internal', `The VAE ${half} gave no ${what}.`)
}

/** Crops `(batch, channels, height, width)` centrally to multiples. Returns the tensor itself if it already fits. */
function cropToMultiple(tensor: FloatTensor, multiple: number): FloatTensor {
  const { width, height } = planeSize(tensor)
  const rows = height - (height % multiple)
  const columns = width - (width % multiple)
  if (rows === 0 || columns === 0) {
    throw new LoomError('range', `A picture of ${width} x ${height} pixels is too small to encode.`, {
      input: 'image',
      hint: `Use a picture of at least ${multiple} x ${multiple} pixels.`,
    })
  }
  return crop(tensor, { x: (width - columns) >> 1, y: (height - rows) >> 1, width: columns, height: rows })
}
