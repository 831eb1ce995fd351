import { expect, test } from 'vitest'
import { type Precision, precisions } from '#core/protocol/messages.ts'
import { type Model, modelOf } from '#engine/models/networks/model.ts'
import { Graph } from '#engine/onnx/graph.ts'
import { dependsOnInputs, type Op, type Value } from '#engine/onnx/ir.ts'
import { withoutKernel } from '#engine/onnx/kernels.ts'
import { pack } from '#engine/onnx/passes/fuse.ts'
import { type Provider, passesFor, recipes } from '#engine/onnx/passes/recipes.ts'
import { runPasses } from '#engine/onnx/passes/rewrite.ts'
import { largestDifference } from '../goldens.ts'
import { floatsOf, openSession, sample } from '../onnx.ts'
import { openReference } from '../reference-ops.ts'
import { goldenModels, vaePart } from './golden-models.ts'

/** Goldens that each take seconds; a fast machine may try them all. */
const all = process.env.LATENT_LOOM_ALL_GOLDENS === '1'

const providers = Object.keys(recipes) as Provider[]
const devices = providers.flatMap((provider) =>
  precisions
    .filter((precision) => precision === 'float32' || recipes[provider].precision === precision)
    .map((precision) => [provider, precision] as const),
)

const tiled = ['encoder-outer', 'encoder-inner', 'decoder-outer', 'decoder-inner'] as const
const models = new Map<string, Model>([
  ...(await Promise.all(
    Object.entries(goldenModels).map(async ([name, open]) => [name, (await open()).model] as const),
  )),
  ...(await Promise.all(tiled.map(async (part) => [`vae ${part}`, await vaePart(part)] as const))),
])

/** What a provider lacks, known and small: token ids, the tokens' vectors, and the norms that tiles of a picture share. */
const lacking: { readonly [P in Provider]?: readonly [network: RegExp, missing: readonly string[]][] } = {
  webgpu: [[/clip/, ['Cast of int64']]],
  coreml: [
    [/clip/, ['Gather of float16']],
    [/outer/, ['ReduceSumSquare of float32', 'Gather of float32']],
  ],
}

test.each(
  devices.flatMap(([provider, precision]) => Array.from(models, ([name]) => [provider, precision, name] as const)),
)('on %s in %s every node of %s has a kernel, and only the edges cast', (provider, precision, name) => {
  const graph = lowered(name, provider, precision)
  const known = lacking[provider]?.find(([network]) => network.test(name))?.[1] ?? []
  expect(withoutKernel(graph, provider).toSorted()).toEqual(known.toSorted())
  // a text encoder also casts its token ids, their vectors and the place of the last; tiles cast the sizes of groups
  const casts = countOf(graph, 'Cast')
  if (/outer/.test(name)) expect(casts).toBeLessThan(20)
  else expect(casts).toBeLessThanOrEqual(/clip/.test(name) ? 7 : precision === 'float32' ? 0 : 6)
})

test.each([...models.keys()].filter((name) => !/outer/.test(name)))(
  "on CUDA %s has its pictures' channels last from end to end",
  (name) => {
    const graph = lowered(name, 'cuda', 'float16')
    expect(countOf(graph, 'Transpose')).toBe(/clip/.test(name) ? 0 : 2)
    expect(countOf(graph, 'Conv') + countOf(graph, 'InstanceNormalization')).toBe(0)
  },
)

test('on CUDA sums are fused with the norms of them, and projections with each other', () => {
  const graph = lowered('unet-sdxl', 'cuda', 'float16')
  const plain = lowered('unet-sdxl', 'dml', 'float16')
  expect(countOf(graph, 'SkipGroupNorm') + countOf(graph, 'NhwcGroupNorm')).toBe(
    countOf(plain, 'InstanceNormalization'),
  )
  expect(countOf(graph, 'SkipGroupNorm')).toBeGreaterThan(2 * countOf(graph, 'NhwcGroupNorm'))
  expect(countOf(graph, 'SkipLayerNormalization')).toBeGreaterThan(2 * countOf(graph, 'LayerNormalization'))
  expect(countOf(plain, 'Gemm') - countOf(graph, 'Gemm')).toBe((3 * countOf(plain, 'MultiHeadAttention')) / 2)
})

test.each(
  providers
    .filter((provider) => recipes[provider].precision === 'float16')
    .flatMap((provider) =>
      ['unet-sd15', 'unet-sdxl', 'clip-l', 'taesd-decoder'].map((name) => [provider, name] as const),
    ),
)('on %s %s takes its float16 weights as they lie in the file', (provider, name) => {
  const { nodes } = lowered(name, provider, 'float16')
  const cast = nodes.flatMap((node) => (node.op === 'Cast' ? node.inputs : [])).filter(isWeight)
  // positions are added before the first layer, and CUDA's group normalisation takes scale and bias, both in float32
  const kept = cast.filter(({ name, shape }) => !/position/.test(name) && (provider !== 'cuda' || shape.length > 1))
  expect(kept.map(({ name, dtype }) => `${name} ${dtype}`)).toEqual([])
})

const slow: readonly string[] = all ? [] : ['unet-lcm-w', 'unet-ssd1b']
const goldens = (Object.keys(goldenModels) as (keyof typeof goldenModels)[]).filter((name) => !slow.includes(name))

const cards = ['dml', 'coreml', 'webgpu'] as const
const quick = ['unet-small', 'clip-l', 'taesd-decoder'] as const
const compared = [
  ...goldens.map((name) => ['cuda', name] as const),
  ...cards.flatMap((provider) => (all ? goldens : quick).map((name) => [provider, name] as const)),
]

test.each(compared)('what %s gets of %s is what diffusers computes', async (provider, name) => {
  const { tolerance, distance } = await distanceOf(name, provider, 'float32')
  expect(distance).toBeLessThan(tolerance)
})

/** Bounds of the largest difference from float32 in PyTorch, if every value is rounded to float16: see docs/devices.md. */
const halfBounds: { readonly [N in keyof typeof goldenModels]?: number } = {
  'clip-l': 0.01,
  'openclip-g': 0.01,
  'taesd-decoder': 0.01,
  'unet-small': 0.02,
  ...(all && { 'unet-sd15': 0.01, 'unet-lcm-w': 0.01, 'unet-sdxl': 0.01, 'unet-ssd1b': 0.01 }),
}

test.each(
  Object.entries(halfBounds).flatMap(([name, bound]) =>
    (['cuda', ...(all || quick.some((each) => each === name) ? cards : [])] as const).map(
      (provider) => [provider, name as keyof typeof goldenModels, bound] as const,
    ),
  ),
)('%s in float16 stays near %s', async (provider, name, bound) => {
  const { distance } = await distanceOf(name, provider, 'float16')
  expect(distance).toBeLessThan(bound)
  // rounding that does nothing would prove nothing
  expect(distance).toBeGreaterThan(1e-6)
})

test('GEGLU of the widths that CUDA has code for is one op', async () => {
  const graph = new Graph()
  const x = graph.input('x', 'float32', [1, 2, 4])
  const w = graph.constant(
    Float32Array.from({ length: 2560 * 4 }, (_, index) => Math.sin(index)),
    [2560, 4],
  )
  const b = graph.constant(Float32Array.from({ length: 2560 }, (_, index) => Math.cos(index)))
  const [left = x, right = x] = graph.addAll('Split', [graph.add('Linear', [x, w, b], {})], { axis: 2, num_outputs: 2 })
  graph.output('y', graph.add('Mul', [left, graph.add('Gelu', [right], { approximate: 'none' })], {}))
  const packed = runPasses(graph, [pack], { verify: true })
  expect(packed.nodes.map(({ op }) => op)).toEqual(['Linear', 'BiasSplitGelu'])
  const model = modelOf(graph)
  const feeds = { x: sample([1, 2, 4]) }
  const fused = await floatsOf(await openReference(model, 'cuda'), feeds, 'y')
  expect(largestDifference(fused, await floatsOf(await openSession(model), feeds, 'y'))).toBeLessThan(1e-5)
})

function isWeight({ origin, dtype }: Value): boolean {
  return origin.kind === 'weight' && dtype === 'float16'
}

function countOf({ nodes }: Graph, op: Op): number {
  return nodes.filter((node) => node.op === op && node.outputs.some(dependsOnInputs)).length
}

const graphs = new Map<string, Graph>()

function lowered(name: string, provider: Provider, precision: Precision): Graph {
  const model = models.get(name)
  if (!model) throw new Error(`There is no ${name}.`)
  const key = `${name} ${provider} ${model.precision(precision)}`
  const graph =
    graphs.get(key) ?? runPasses(model.graph, passesFor(provider, model.precision(precision)), { verify: true })
  graphs.set(key, graph)
  return graph
}

async function distanceOf(name: keyof typeof goldenModels, provider: Provider, precision: Precision) {
  const { model, feeds, output, expected, tolerance } = await goldenModels[name]()
  const session = await openReference(model, provider, precision)
  const values = await floatsOf(session, feeds, output)
  await session.release()
  expect(values.every(Number.isFinite)).toBe(true)
  const distance = largestDifference(values, expected)
  return { distance, tolerance }
}
