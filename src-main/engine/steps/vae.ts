import { LoomError } from '#core/errors.ts'
import { vaeScaleFactor } from '#core/families/family.ts'
import type { Tiles } from '#core/plan/attributes.ts'
import type { StepAttributes } from '#core/plan/ops.ts'
import { outerNorms } from '../models/networks/autoencoder-kl.ts'
import { statisticsShape } from '../models/networks/joint-norm.ts'
import { fitRgbFactors } from '../preview/rgb-factors.ts'
import { interruption } from '../runtime/interruption.ts'
import type { ResidentNetwork, Using } from '../runtime/resident-network.ts'
import type { Latent, SessionValue } from '../runtime/values.ts'
import { TorchGenerator } from '../sampling/noise.ts'
import { batched, unbatched } from '../tensor/batch.ts'
import { type FloatTensor, planeSize, scalar, tensorBytes, zeros } from '../tensor/float-tensor.ts'
import { crop } from '../tensor/planes.ts'
import { countTiles, overTiles, type Tiling, thinned } from '../tensor/tiles.ts'
import type { StepContext, StepRule } from './context.ts'
import { residentNetwork } from './networks.ts'
import { asKind } from './source.ts'

type Encoded = Partial<Record<'mean' | 'logvar', FloatTensor>>

/** A half of a VAE in two parts. */
type Parts = Readonly<Record<'inner' | 'outer', SessionValue>>

export const vaeDecode: StepRule<'vae-decode'> = {
  bytes: tensorBytes,
  async run(context, { session, latent }) {
    context.emit({ type: 'phase', phase: 'decode', label: session.session.name })
    const decode = async (tensor: FloatTensor, using: Using = context) =>
      (await session.session.run({ latent: tensor }, using)).image ?? lacks('decoder', 'image')
    const tensor = await wholeOrInTiles(context, session, {
      half: 'decoder',
      input: latent.tensor,
      whole: (using) => decode(latent.tensor, using),
      tiled: (using, parts, tiles) => decodeTiled(using, parts, latent.tensor, tiles),
    })
    await learnColours(context, session, decode)
    return { tensor }
  },
}

export const vaeDecodeTiled: StepRule<'vae-decode-tiled'> = {
  bytes: tensorBytes,
  async run(context, { inner, outer, latent }, tiles) {
    context.emit({ type: 'phase', phase: 'decode', label: outer.session.name })
    const parts = { inner, outer }
    const tensor = await inTiles(context, outer.session.name, tiles, (using, fitting) =>
      decodeTiled(using, parts, latent.tensor, fitting),
    )
    await learnColours(context, outer, (latent) => decodeTiled(context, parts, latent, tiles))
    return { tensor }
  },
}

async function decodeTiled(
  context: StepUsing,
  { inner, outer }: Parts,
  latent: FloatTensor,
  { tile, overlap }: Tiles,
): Promise<FloatTensor> {
  const tiling = { tile: tile / vaeScaleFactor, overlap: overlap / vaeScaleFactor, from: 1, to: vaeScaleFactor }
  const decoded: FloatTensor[] = []
  for (const picture of unbatched(latent)) {
    const { features = lacks('decoder', 'features') } = await inner.session.run({ latent: picture }, context)
    decoded.push(await throughOuter(context, { session: outer, half: 'decoder', input: features, tiling }))
  }
  return batched(decoded)
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
  async run(context, { session, image }, options) {
    context.emit({ type: 'phase', phase: 'encode', label: session.session.name })
    const input = cropToMultiple(image.tensor, vaeScaleFactor)
    const encoded = await wholeOrInTiles(context, session, {
      half: 'encoder',
      input,
      whole: (using): Promise<Encoded> => session.session.run({ image: input }, using),
      tiled: (using, parts, tiles) => encodeTiled(using, parts, input, tiles),
    })
    return latentOf(session, encoded, options)
  },
}

export const vaeEncodeTiled: StepRule<'vae-encode-tiled'> = {
  bytes: tensorBytes,
  async run(context, { outer, inner, image }, { tile, overlap, ...options }) {
    context.emit({ type: 'phase', phase: 'encode', label: outer.session.name })
    const input = cropToMultiple(image.tensor, vaeScaleFactor)
    const encoded = await inTiles(context, outer.session.name, { tile, overlap }, (using, fitting) =>
      encodeTiled(using, { inner, outer }, input, fitting),
    )
    return latentOf(inner, encoded, options)
  },
}

async function encodeTiled(
  context: StepUsing,
  { outer, inner }: Parts,
  image: FloatTensor,
  { tile, overlap }: Tiles,
): Promise<Encoded> {
  const tiling = { tile: tile / vaeScaleFactor, overlap: overlap / vaeScaleFactor, from: vaeScaleFactor, to: 1 }
  const means: FloatTensor[] = []
  const logvars: FloatTensor[] = []
  for (const input of unbatched(image)) {
    const features = await throughOuter(context, { session: outer, half: 'encoder', input, tiling })
    const { mean = lacks('encoder', 'latent'), logvar } = await inner.session.run({ features }, context)
    means.push(mean)
    if (logvar) logvars.push(logvar)
  }
  return { mean: batched(means), ...(logvars.length > 0 && { logvar: batched(logvars) }) }
}

type StepUsing = StepContext & Using

interface HalfVae<T> {
  readonly half: 'encoder' | 'decoder'
  readonly input: FloatTensor
  whole(using: Using): Promise<T>
  tiled(using: StepUsing, parts: Parts, tiles: Tiles): Promise<T>
}

/**
 * Half a VAE as one network if that fits on the device, else in the largest tiles that do. Where the memory of the device is
 * not known, the whole is tried first.
 */
async function wholeOrInTiles<T>(
  context: StepContext,
  { session, of }: SessionValue,
  { half, input, whole, tiled }: HalfVae<T>,
): Promise<T> {
  const name = half === 'decoder' ? 'latent' : 'image'
  const { height, width } = planeSize(input)
  const side = Math.max(height, width) * (half === 'decoder' ? vaeScaleFactor : 1)
  const sides = tileSides.filter((tile) => tile < side)
  const [largest] = sides
  if (largest === undefined) return whole(context)
  const isRoomy = await session.fits({ [name]: input })
  try {
    if (isRoomy) return await whole({ ...context, hasOtherWay: true })
  } catch (error) {
    if (!isMemory(error)) throw error
  }
  const part = (place: 'inner' | 'outer') => residentNetwork(context, of, `vae-${half}-${place}`)
  const parts = { inner: { session: part('inner'), of }, outer: { session: part('outer'), of } }
  try {
    const tile = isRoomy ? largest : await fittingTile(parts.outer.session, half, { input, sides })
    const why = isRoomy ? 'ran out' : 'is too small for the whole picture'
    tellTiles(context, session.name, tile, why)
    return await inTiles(context, session.name, { tile, overlap: tileOverlap }, (using, tiles) =>
      tiled(using, parts, tiles),
    )
  } finally {
    for (const { session } of Object.values(parts)) await session.release()
  }
}

/** Sides of tiles in pixels, for pictures that a device has no room for. Smaller ones would show. */
export const tileSides = [1024, 768, 512, 384, 256] as const
const tileOverlap = 64

interface Fitting {
  readonly input: FloatTensor
  /** In pixels, the largest first. */
  readonly sides: readonly number[]
}

/** The largest tile that fits on the device, by estimate; the smallest if none does. */
async function fittingTile(
  outer: ResidentNetwork,
  half: 'encoder' | 'decoder',
  { input, sides }: Fitting,
): Promise<number> {
  const [, channels = 0] = input.shape
  for (const side of sides) {
    const cells = side / vaeScaleFactor
    const fits =
      half === 'decoder'
        ? await outer.fits({ features: { shape: [1, channels, cells, cells] } })
        : await outer.fits({ image: { shape: [1, channels, side, side] } })
    if (fits) return side
  }
  return sides.at(-1) ?? 0
}

/** Tiles of a size, or smaller ones when memory runs out. */
async function inTiles<T>(
  context: StepContext,
  name: string,
  { tile, overlap }: Tiles,
  work: (using: StepUsing, tiles: Tiles) => Promise<T>,
): Promise<T> {
  const smaller = tileSides.find((side) => side < tile)
  try {
    return await work({ ...context, hasOtherWay: smaller !== undefined }, { tile, overlap })
  } catch (error) {
    if (smaller === undefined || !isMemory(error)) throw error
    tellTiles(context, name, smaller, 'ran out')
    return inTiles(context, name, { tile: smaller, overlap: Math.min(overlap, smaller / 4) }, work)
  }
}

function tellTiles({ emit, device }: StepContext, name: string, tile: number, why: string): void {
  const message = `The memory of ${device.name} ${why}, so the ${name} runs in tiles of ${tile} pixels.`
  emit({ type: 'warning', error: { code: 'memory', message } })
}

const isMemory = (error: unknown): boolean => error instanceof LoomError && error.code === 'memory'

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
async function throughOuter(context: StepUsing, { session, half, input, tiling }: Outer): Promise<FloatTensor> {
  const { config } = asKind(session.of, 'vae').network
  const name = half === 'encoder' ? 'image' : 'features'
  const norms = config.kind === 'taesd' ? 0 : outerNorms(config, half)
  const run = (tile: FloatTensor, given: FloatTensor | undefined) =>
    session.session.run(
      { [name]: tile, known: scalar(given ? 1 : 0), given: given ?? zeros(statisticsShape(norms)) },
      context,
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
      await interruption(context.signal)
      const { image, features = image, statistics } = await run(tile, given)
      step += 1
      if (tiles > 1) context.emit({ type: 'step', step, steps: passes * tiles })
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
