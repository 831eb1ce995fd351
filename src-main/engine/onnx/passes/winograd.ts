import { evaluateDim, multiplyDims, sameShape } from '../dim.ts'
import type { Graph } from '../graph.ts'
import { madeBy, type NodeOf, type Value } from '../ir.ts'
import {
  doubledInput,
  type InputTransform,
  outputMatrix,
  plainInput,
  products,
  tile,
  weightMatrix,
} from './winograd-matrices.ts'

/** The latent of a 512 x 512 picture, the size at which the thresholds below were measured. */
const typicalSize = { height: 64, imageHeight: 512 }
/** From here on 1.9 to 2.4 times as fast as the direct kernel. Below, the transforms cost more than they save. */
const fewestRows = 32
const fewestChannels = 64
/** Rows of a strip. Transforms of taller strips do not fit the caches and take more memory. */
const stripRows = 64

/** A 3x3 convolution by Winograd's algorithm, if that is faster than the direct kernel; otherwise undefined. */
export function winograd(graph: Graph, node: NodeOf<'Conv'>): Value | undefined {
  if (!pays(node)) return undefined
  const [x] = node.inputs
  const enlarged = doubled(x)
  return enlarged ? convolve(graph, node, enlarged, doubledInput) : convolve(graph, node, x, plainInput)
}

function pays({ inputs: [x, w], attributes: { kernel_shape, strides, pads, group } }: NodeOf<'Conv'>): boolean {
  const plain = `${kernel_shape}` === '3,3' && `${strides}` === '1,1' && `${pads}` === '1,1,1,1' && group === 1
  const [out = 0, channels = 0] = w.shape.map(Number)
  return plain && typicalRows(x) >= fewestRows && Math.min(out, channels) >= fewestChannels
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

function convolve(graph: Graph, { inputs: [whole, w, b] }: NodeOf<'Conv'>, x: Value, input: InputTransform): Value {
  const weight = transformedWeight(graph, w)
  const bias = b && graph.reshape(b, [...b.shape, 1, 1])
  const finish = (tiles: Value) => {
    const strip = outputStrip(graph, graph.add('MatMul', [weight, byProduct(graph, tiles, x)], {}), tiles)
    return bias ? graph.add('Add', [strip, bias], {}) : strip
  }
  const strips = Math.ceil(typicalRows(x) / stripRows)
  const joined =
    strips === 1
      ? finish(transformedStrip(graph, x, input, [1, 1, input.stride, input.stride]))
      : graph.add('Concat', cutStrips(graph, x, input, strips).map(finish), { axis: 2 })
  return crop(graph, joined, whole, x, input.scale)
}

/** Transforms a picture in strips of equal numbers of tiles. The last tiles may lie below the picture. */
function cutStrips(graph: Graph, x: Value, input: InputTransform, strips: number): readonly Value[] {
  const { stride } = input
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
    return transformedStrip(graph, rowsOfStrip, input, [0, 1, 0, stride])
  })
}

/** `[batch, channels, rows, columns]` to `[batch * channels, 36, tile rows, tile columns]`. */
function transformedStrip(graph: Graph, x: Value, input: InputTransform, pads: readonly number[]): Value {
  const { kernel, kernelSize, stride } = input
  // the transform is a depthwise convolution whose stride cuts the tiles
  const planes = graph.add('Reshape', [x, graph.integers([-1, 1, 0, 0])], {})
  const weight = graph.constant(kernel, [products, 1, kernelSize, kernelSize])
  return graph.add('Conv', [planes, weight, undefined], {
    kernel_shape: [kernelSize, kernelSize],
    strides: [stride, stride],
    pads,
    group: 1,
  })
}

/** To `[36, batch, channels, tiles]`, by gathering rows on all threads: ONNX Runtime's Transpose runs on one. */
function byProduct(graph: Graph, tiles: Value, x: Value): Value {
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

/** `[36, batch, out, tiles]` to `[batch, out, 4 * tile rows, 4 * tile columns]`. */
function outputStrip(graph: Graph, y: Value, tiles: Value): Value {
  const [, , tileRows = 1, tileColumns = 1] = tiles.shape
  const [, batch = 1, out = 1] = y.shape
  const flat = graph.add('Reshape', [y, graph.integers([products, -1])], {})
  const summed = graph.add('MatMul', [graph.constant(outputMatrix, [tile ** 2, products]), flat], {})
  const planes = multiplyDims(multiplyDims(batch, out), tile ** 2)
  const perTile = graph.reshape(summed, [1, planes, tileRows, tileColumns], tiles)
  const spread = graph.add('DepthToSpace', [perTile], { blocksize: tile, mode: 'DCR' })
  return graph.add('Reshape', [spread, graph.integers([-1, Number(out), 0, 0])], {})
}

/** `(out, in, 3, 3)` to `(36, 1, out, in)`. A weight in a file is declared flat, which saves a copy in folding. */
function transformedWeight(graph: Graph, w: Value): Value {
  const [out = 0, channels = 0] = w.shape.map(Number)
  const shape = [out, channels, 9]
  const stored = madeBy(w, 'Cast')?.inputs[0]
  const flat =
    stored?.origin.kind === 'weight'
      ? graph.add('Cast', [graph.weight(`${stored.name} flat`, stored.dtype, shape, stored.origin.external)], {
          to: w.dtype,
        })
      : graph.reshape(w, shape)
  const transform = graph.constant(weightMatrix, [products, 1, 9])
  return graph.add('Einsum', [transform, flat], { equation: 'pnq,kcq->pnkc' })
}

/** Crops the last tiles, which overhang unless the size is a multiple of the tile's. */
function crop(graph: Graph, y: Value, whole: Value, x: Value, scale: number): Value {
  if (sameShape(y.shape.slice(2), whole.shape.slice(2))) return y
  const size = graph.add('Mul', [graph.sizesOf(x, 2, 4), graph.integers([scale])], {})
  return graph.add('Slice', [y, graph.integers([0, 0]), size, graph.integers([2, 3])], {})
}
