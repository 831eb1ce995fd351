import { evaluateDim, sameShape } from '../dim.ts'
import type { Graph } from '../graph.ts'
import { madeBy, type NodeOf, type Value } from '../ir.ts'
import { type InputTransform, type Tile, tile2, tile4 } from './winograd-matrices.ts'

/** The latent of a 512 x 512 picture, the size at which the times below were measured. */
const typicalSize = { height: 64, imageHeight: 512 }
const fewestChannels = 64
/** Rows of a strip. Transforms of taller strips do not fit the caches and take more memory. */
const stripRows = 64

/** Where transformed weights lie: in a file that sessions map, or in the memory of each session. */
export type WeightPlace = 'file' | 'memory'

interface Choice {
  /** Down to so many rows. */
  readonly rows: number
  readonly tile: Tile
  readonly places: readonly WeightPlace[]
}

/**
 * The tile by the height of the picture. Milliseconds of a layer on two cores with AVX-512, medians of runs in turn:
 *
 * | rows | channels     | direct | F(2x2) | F(4x4) |
 * |------|--------------|--------|--------|--------|
 * | 32   | 640 to 640   | 38     | 22     | 14     |
 * | 16   | 1280 to 1280 | 42     | 19     | 16     |
 * | 16   | 2560 to 1280 | 81     | 35     | 29     |
 * | 8    | 1280 to 1280 | 9.5    | 6.9    | 13     |
 * | 8    | 2560 to 1280 | 22     | 14     | 30     |
 *
 * F(2x2) stores 1.8 times the weights, F(4x4) 4 times. Most of SD1.5's weights are in its layers of 16 and 8 rows, so
 * those get F(2x2), and only where the session does not own them.
 */
const choices: readonly Choice[] = [
  { rows: 32, tile: tile4, places: ['file', 'memory'] },
  { rows: 8, tile: tile2, places: ['file'] },
]

/** A rule that makes 3x3 convolutions by Winograd's algorithm, where that is worth its time and its weights. */
export function winograd(place: WeightPlace): (graph: Graph, node: NodeOf<'Conv'>) => Value | undefined {
  return (graph, node) => {
    const [x, w] = node.inputs
    const choice = applies(node) ? choices.find(({ rows }) => typicalRows(x) >= rows) : undefined
    if (!choice?.places.includes(weightIsStored(w) ? place : 'memory')) return undefined
    const { tile } = choice
    const enlarged = doubled(x)
    return enlarged
      ? convolve(graph, node, { tile, input: tile.doubledInput, x: enlarged })
      : convolve(graph, node, { tile, input: tile.plainInput, x })
  }
}

function applies({ inputs: [, w], attributes: { kernel_shape, strides, pads, group } }: NodeOf<'Conv'>): boolean {
  const plain = `${kernel_shape}` === '3,3' && `${strides}` === '1,1' && `${pads}` === '1,1,1,1' && group === 1
  const [out = 0, channels = 0] = w.shape.map(Number)
  return plain && Math.min(out, channels) >= fewestChannels
}

/** Whether a weight is a checkpoint's. One that adapters change is in a file only once it is asked for again. */
function weightIsStored(w: Value): boolean {
  return (madeBy(w, 'Cast')?.inputs[0] ?? w).origin.kind !== 'node'
}

/** The source of a picture that is the twofold nearest-neighbour enlargement of another. */
function doubled(x: Value): Value | undefined {
  const resize = madeBy(x, 'Resize')
  const source = resize?.inputs[0]
  const factors = resize?.inputs[2]?.origin
  const twice = factors?.kind === 'constant' && `${factors.data}` === '1,1,2,2'
  return resize?.attributes.mode === 'nearest' && twice ? source : undefined
}

function typicalRows(x: Value): number {
  return evaluateDim(x.shape[2] ?? 0, typicalSize)
}

/** How a picture is convolved. */
interface Way {
  readonly tile: Tile
  readonly input: InputTransform
  /** The picture before its enlargement. */
  readonly x: Value
}

function convolve(graph: Graph, { inputs: [whole, w, b] }: NodeOf<'Conv'>, way: Way): Value {
  const { tile, input, x } = way
  const weight = transformedWeight(graph, w, tile)
  const bias = b && graph.reshape(b, [...b.shape, 1, 1])
  const finish = (tiles: Value) => {
    const strip = outputStrip(graph, graph.add('MatMul', [weight, byProduct(graph, tiles, way)], {}), tiles, tile)
    return bias ? graph.add('Add', [strip, bias], {}) : strip
  }
  const strips = Math.ceil(typicalRows(x) / stripRows)
  const joined =
    strips === 1
      ? finish(transformedStrip(graph, x, way, [1, 1, input.stride, input.stride]))
      : graph.add('Concat', cutStrips(graph, way, strips).map(finish), { axis: 2 })
  return crop(graph, joined, whole, way)
}

/** Transforms a picture in strips of equal numbers of tiles. The last tiles may lie below the picture. */
function cutStrips(graph: Graph, way: Way, strips: number): readonly Value[] {
  const { x } = way
  const { stride } = way.input
  const rows = graph.sizesOf(x, 2, 3)
  const shared = stride * strips
  const tileRows = graph.add(
    'Div',
    [graph.add('Add', [rows, graph.integers([shared - 1])], {}), graph.integers([shared])],
    {},
  )
  const rowsBefore = (strip: number) => graph.add('Mul', [tileRows, graph.integers([stride * strip])], {})
  const one = graph.integers([1])
  return Array.from({ length: strips }, (_, strip) => {
    // each strip includes a row above and a row below; negative padding crops rows
    const above = graph.add('Sub', [one, rowsBefore(strip)], {})
    const below = graph.add('Sub', [graph.add('Add', [rowsBefore(strip + 1), one], {}), rows], {})
    const pads = graph.add('Concat', [above, below], { axis: 0 })
    const rowsOfStrip = graph.add('Pad', [x, pads, graph.scalar(0), graph.integers([2])], {})
    return transformedStrip(graph, rowsOfStrip, way, [0, 1, 0, stride])
  })
}

/** `[batch, channels, rows, columns]` to `[batch * channels, products, tile rows, tile columns]`. */
function transformedStrip(graph: Graph, x: Value, { tile, input }: Way, pads: readonly number[]): Value {
  const { kernel, kernelSize, stride } = input
  // the transform is a depthwise convolution whose stride cuts the tiles
  const planes = graph.add('Reshape', [x, graph.integers([-1, 1, 0, 0])], {})
  const weight = graph.constant(kernel, [tile.products, 1, kernelSize, kernelSize])
  return graph.add('Conv', [planes, weight, undefined], {
    kernel_shape: [kernelSize, kernelSize],
    strides: [stride, stride],
    pads,
    group: 1,
  })
}

/** To `[products, batch, channels, tiles]`, by gathering rows. */
function byProduct(graph: Graph, tiles: Value, { tile: { products }, x }: Way): Value {
  const channels = Number(x.shape[1])
  const rows = graph.add('Reshape', [tiles, graph.integers([-1, 1, 0, 0])], {})
  const batch = graph.reshape(graph.sizesOf(x, 0, 1), [])
  const planes = graph.add('Mul', [batch, graph.integer(channels)], {})
  const numbers = graph.add('Range', [graph.integer(0), planes, graph.integer(1)], {})
  const firstRows = graph.add('Mul', [numbers, graph.integer(products)], {})
  const offsets = graph.constant(
    BigInt64Array.from({ length: products }, (_, product) => BigInt(product)),
    [products, 1],
  )
  const perPlane = graph.add('Add', [offsets, firstRows], {})
  const indices = graph.add('Reshape', [perPlane, graph.integers([products, -1, channels])], {})
  const gathered = graph.add('Gather', [rows, indices], {})
  return graph.add('Reshape', [gathered, graph.integers([0, 0, 0, -1])], {})
}

/**
 * `[products, batch, out, tiles]` to `[batch, out, size * tile rows, size * tile columns]`. A transposed matrix puts the
 * columns of a tile side by side, and a second Transpose the rows: both run on all threads, and DepthToSpace on one.
 */
function outputStrip(graph: Graph, y: Value, tiles: Value, { size, products, output }: Tile): Value {
  const flat = graph.add('Reshape', [y, graph.integers([products, -1])], {})
  const pixels = graph.add('MatMul', [graph.constant(output, [size ** 2, products]), flat], {})
  const byColumn = graph.add('Reshape', [pixels, graph.integers([size, -1])], {})
  const joined = graph.add('Transpose', [byColumn], { perm: [1, 0] })
  const columns = graph.add('Mul', [graph.sizesOf(tiles, 3, 4), graph.integers([size])], {})
  const byRow = graph.add('Reshape', [joined, sizes(graph, [size, -1], columns)], {})
  const rows = graph.add('Transpose', [byRow], { perm: [1, 0, 2] })
  const area = graph.add('Mul', [graph.sizesOf(tiles, 2, 4), graph.integers([size])], {})
  return graph.add('Reshape', [rows, sizes(graph, [-1, Number(y.shape[2])], area)], {})
}

function sizes(graph: Graph, outer: readonly number[], inner: Value): Value {
  return graph.add('Concat', [graph.integers(outer), inner], { axis: 0 })
}

/** `(out, in, 3, 3)` to `(products, 1, out, in)`. A weight in a file is declared flat, which saves a copy in folding. */
function transformedWeight(graph: Graph, w: Value, tile: Tile): Value {
  const [out = 0, channels = 0] = w.shape.map(Number)
  const shape = [out, channels, 9]
  const stored = madeBy(w, 'Cast')?.inputs[0]
  const flat =
    stored?.origin.kind === 'weight'
      ? graph.add('Cast', [graph.weight(`${stored.name} flat`, stored.dtype, shape, stored.origin.external)], {
          to: w.dtype,
        })
      : graph.reshape(w, shape)
  const transform = graph.constant(tile.weight, [tile.products, 1, 9])
  return graph.add('Einsum', [transform, flat], { equation: 'pnq,kcq->pnkc' })
}

/** Crops the last tiles, which overhang unless the size is a multiple of the tile's. */
function crop(graph: Graph, y: Value, whole: Value, { x, input: { scale } }: Way): Value {
  if (sameShape(y.shape.slice(2), whole.shape.slice(2))) return y
  const size = graph.add('Mul', [graph.sizesOf(x, 2, 4), graph.integers([scale])], {})
  return graph.add('Slice', [y, graph.integers([0, 0]), size, graph.integers([2, 3])], {})
}
