import { evaluateDim, product, sameShape } from '../dim.ts'
import type { Graph } from '../graph.ts'
import { madeBy, type NodeOf, type Value } from '../ir.ts'

// F(4x4, 3x3) of Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (arXiv 1509.09308), section 4.3:
// Y = A^T [(G g G^T) * (B^T d B)] A on tiles d of 6 x 6 that overlap by two, with 36 multiplications for 16 outputs
// of 3 x 3 products, which are 144.
const tile = 4
const patch = 6
const patches = patch ** 2
const inputTransform = [
  [4, 0, -5, 0, 1, 0],
  [0, -4, -4, 1, 1, 0],
  [0, 4, -4, -1, 1, 0],
  [0, -2, -1, 2, 1, 0],
  [0, 2, -1, -2, 1, 0],
  [0, 4, 0, -5, 0, 1],
]
const outputTransform = [
  [1, 1, 1, 1, 1, 0],
  [0, 1, -1, 2, -2, 0],
  [0, 1, 1, 4, 4, 0],
  [0, 1, -1, 8, -8, 1],
]
const weightTransform = [
  [1 / 4, 0, 0],
  [-1 / 6, -1 / 6, -1 / 6],
  [-1 / 6, 1 / 6, -1 / 6],
  [1 / 24, 1 / 12, 1 / 6],
  [1 / 24, -1 / 12, 1 / 6],
  [0, 0, 1],
]

/** A picture of 512 x 512, at which the choice was measured. */
const typicalSize = { height: 64, imageHeight: 512 }
/** Rows of what is convolved: below, transforming costs more than it saves; above, the transformed picture is too large for the caches. */
const [fewestRows, mostRows] = [32, 128]
const [fewestChannels, mostChannels] = [64, 640]

const inputKernel = kronecker(inputTransform, inputTransform)
const outputMatrix = kronecker(outputTransform, outputTransform)
const weightMatrix = kronecker(weightTransform, weightTransform)

/**
 * Writes a 3x3 convolution as Winograd's where that is faster than the kernel and its weights, four times as large, are
 * not many; else undefined.
 */
export function winograd(graph: Graph, node: NodeOf<'Conv'>): Value | undefined {
  return pays(node) ? convolve(graph, node) : undefined
}

function pays({ inputs: [x, w], attributes: { kernel_shape, strides, pads } }: NodeOf<'Conv'>): boolean {
  const [channels = 0, inner = 0] = w.shape.map(Number)
  const plain = `${kernel_shape}` === '3,3' && `${strides}` === '1,1' && `${pads}` === '1,1,1,1'
  const rows = evaluateDim(x.shape[2] ?? 0, typicalSize)
  return (
    plain &&
    rows >= fewestRows &&
    rows <= mostRows &&
    Math.min(channels, inner) >= fewestChannels &&
    channels <= mostChannels
  )
}

function convolve(graph: Graph, { inputs: [x, w, b] }: NodeOf<'Conv'>): Value {
  const [batch = 1] = x.shape
  const [out = 0, channels = 0] = w.shape.map(Number)
  // the input transform is itself a convolution of every channel alone, whose stride cuts the tiles
  const planes = graph.add('Reshape', [x, graph.integers([-1, 1, 0, 0])], {})
  const kernel = graph.constant(inputKernel, [patches, 1, patch, patch])
  const tiles = graph.add('Conv', [planes, kernel, undefined], {
    kernel_shape: [patch, patch],
    strides: [tile, tile],
    pads: [1, 1, tile, tile],
  })
  const [, , rows = 1, columns = 1] = tiles.shape
  const perPicture = graph.reshape(tiles, [batch, channels, patches, product([rows, columns])], x)
  const byPatch = graph.add('Transpose', [perPicture], { perm: [2, 1, 0, 3] })
  const columnsOfPatch = graph.add('Reshape', [byPatch, graph.integers([patches, channels, -1])], {})
  const products = graph.add('MatMul', [transformedWeight(graph, w), columnsOfPatch], {})
  const flat = graph.add('Reshape', [products, graph.integers([patches, -1])], {})
  const summed = graph.add('MatMul', [graph.constant(outputMatrix, [tile ** 2, patches]), flat], {})
  const perChannel = graph.reshape(summed, [tile ** 2 * out, batch, product([rows, columns])], x)
  const perTile = graph.reshape(
    graph.add('Transpose', [perChannel], { perm: [1, 0, 2] }),
    [batch, tile ** 2 * out, rows, columns],
    tiles,
  )
  const spread = graph.add('DepthToSpace', [perTile], { blocksize: tile, mode: 'DCR' })
  const cropped = crop(graph, spread, x)
  return b ? graph.add('Add', [cropped, graph.reshape(b, [out, 1, 1])], {}) : cropped
}

/** `(out, in, 3, 3)` to `(36, out, in)`. A weight in a file is declared flat, so that folding makes no copy for it. */
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
  const transform = graph.constant(weightMatrix, [patches, 9])
  return graph.add('Einsum', [transform, flat], { equation: 'pq,kcq->pkc' })
}

/** The last tiles stick out where the size is not a multiple of four. */
function crop(graph: Graph, x: Value, like: Value): Value {
  const [starts, axes] = [graph.integers([0, 0]), graph.integers([2, 3])]
  const same = sameShape(x.shape.slice(2), like.shape.slice(2))
  return same ? x : graph.add('Slice', [x, starts, graph.sizesOf(like, 2, 4), axes], {})
}

function kronecker(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): Float32Array {
  const rows = a.flatMap((left) => b.map((right) => left.flatMap((x) => right.map((y) => x * y))))
  return Float32Array.from(rows.flat())
}
