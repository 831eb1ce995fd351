import { mkdtempSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyAdapter } from '#engine/adapters/apply.ts'
import { openAdapter } from '#engine/adapters/open.ts'
import { openTensorFile } from '#engine/files/tensor-file.ts'
import { conv, linear } from '#engine/models/networks/layers.ts'
import { modelOf } from '#engine/models/networks/model.ts'
import { Module } from '#engine/models/networks/module.ts'
import { refsOf } from '#engine/models/parts.ts'
import type { NetworkWeights, WeightDelta } from '#engine/models/weights.ts'
import { symbol } from '#engine/onnx/dim.ts'
import { Graph } from '#engine/onnx/graph.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { largestDifference, readGolden } from '../goldens.ts'
import { floatsOf, openSession, sample } from '../onnx.ts'
import { type TensorValues, writeTensors } from '../tensor-file.ts'

interface LoraTypes {
  readonly rows: readonly {
    readonly type: string
    /** Name of the tensor that is changed. `none` is a bias that the layer does not have. */
    readonly base: string
    readonly keys: readonly string[]
    /** What the tool writes before the keys (default kohya's). */
    readonly prefix?: string
    /** PEFT's settings beside the file. */
    readonly config?: object
  }[]
  readonly strengths: readonly number[]
  readonly tolerance: number
}

const folder = temporaryFolder()
const goldens = {
  'lora-types': readGolden<LoraTypes>('lora-types'),
  'lora-kinds': readGolden<LoraTypes>('lora-kinds'),
  'adapter-tools': readGolden<LoraTypes>('adapter-tools'),
}

interface AdapterFile {
  readonly tensors: readonly TensorValues[]
  readonly config?: object | undefined
  readonly metadata?: Readonly<Record<string, string>>
}

/** A type of adapter with the tensors of its file, the weight that it changes and what that becomes. */
const rows = Object.entries(goldens).flatMap(([golden, { json, tensors, floats }]) => {
  const tensor = (name: string): TensorValues => ({ name, shape: tensors.get(name)?.shape ?? [], values: floats(name) })
  return json.rows.map(({ type, base, keys, prefix = 'lora_unet_layer.', config }) => ({
    type,
    tolerance: json.tolerance,
    isTool: golden === 'adapter-tools',
    isAbsent: base === 'none',
    base: { ...tensor(base), name: 'weight' },
    file: {
      tensors: keys.map((key) => ({ ...tensor(`${type}/file/${key}`), name: `${prefix}${key}` })),
      config,
      ...(type.startsWith('lycoris-') && { metadata: { ss_network_module: 'lycoris.kohya' } }),
    } satisfies AdapterFile,
    merged: json.strengths.map((strength) => [strength, floats(`${type}/${strength.toFixed(1)}`)] as const),
  }))
})

type Applied = readonly (readonly [file: string, strength: WeightDelta['strength']])[]

/** Writes tensors as PEFT does with a config beside them, or else into a file of any name. */
function write({ tensors, config, metadata }: AdapterFile): string {
  const path = join(mkdtempSync(join(folder, 'file-')), config ? 'adapter_model.safetensors' : 'tensors.safetensors')
  if (config) writeFileSync(join(dirname(path), 'adapter_config.json'), JSON.stringify(config))
  return writeTensors(path, tensors, 'F32', metadata)
}

/** The weight alone in its file. */
async function plain(base: TensorValues): Promise<NetworkWeights> {
  const refs = refsOf(await openTensorFile(write({ tensors: [base] })))
  return { tensors: new Map(refs.map((ref) => ['layer.weight', ref])), deltas: new Map() }
}

/** With the adapters' changes of weights, or, for a vector, of vectors. */
async function adapted(weights: NetworkWeights, applied: Applied, rowsOf?: WeightDelta['rows']) {
  const isVector = weights.tensors.get('layer.weight')?.shape.length === 1
  let result = weights
  for (const [file, strength] of applied) {
    const { path, modules } = await openAdapter(file)
    const matches = modules
      .filter(({ shape }) => (shape.length === 1) === isVector)
      .map((module) => ({ source: path, module, weight: 'layer.weight', ...(rowsOf && { rows: rowsOf }) }))
    result = applyAdapter(result, matches, strength)
  }
  return result
}

/** The weight with its adapters, out of a session that made it. */
async function merged(base: TensorValues, weights: NetworkWeights, live: Readonly<Record<string, number>> = {}) {
  const graph = new Graph()
  const weight = new Module(graph, weights).at('layer').weight('weight', base.shape)
  // an output has to be made by a node
  graph.output('weight', graph.add('Mul', [weight, graph.input('one', 'float32', [])], {}))
  const session = await openSession(modelOf(graph))
  try {
    return await floatsOf(session, scalars({ one: 1, ...live }), 'weight')
  } finally {
    await session.release()
  }
}

/** What a layer with that weight gives for one input. */
async function layerOutput(base: TensorValues, weights: NetworkWeights, live: Readonly<Record<string, number>> = {}) {
  const graph = new Graph()
  const [channels = 0, inner = 0] = base.shape
  const shape = base.shape.length === 2 ? [2, inner] : [2, inner, 6, 5]
  const x = graph.input('x', 'float32', [symbol('batch'), ...shape.slice(1)])
  const module = new Module(graph, weights).at('layer')
  graph.output(
    'y',
    shape.length === 2
      ? linear(module, x, channels)
      : conv(module, x, { channels, kernel: base.shape[2] === 1 ? 1 : 3 }),
  )
  const session = await openSession(modelOf(graph))
  return floatsOf(session, { x: sample(shape), ...scalars(live) }, 'y')
}

function scalars(values: Readonly<Record<string, number>>) {
  const entries = Object.entries(values)
  return Object.fromEntries(entries.map(([name, value]) => [name, { data: Float32Array.of(value), shape: [] }]))
}

const present = rows.filter(({ isAbsent }) => !isAbsent)
/** One row for each formula; of the tools' tables, those of the kinds that no older table has. */
const formulas = present.filter(
  ({ type, isTool, base }) => !isTool || (base.shape.length < 3 && /adalora-linear|oft|ia3/.test(type)),
)

describe.each(present)('$type', async ({ base, file, merged: expected, tolerance }) => {
  const path = write(file)
  const weights = await plain(base)

  test.each(expected)('at strength %d is the weight that the oracle merges', async (strength, values) => {
    const change = largestDifference(base.values, values)
    const difference = largestDifference(await merged(base, await adapted(weights, [[path, strength]])), values)
    expect(difference).toBeLessThan(Math.min(tolerance, change / 100))
  })
})

describe.each(formulas)('$type', async ({ base, file }) => {
  const path = write(file)
  const weights = await plain(base)

  test('with a live strength is the same weight', async () => {
    const [live, folded] = [await adapted(weights, [[path, { input: 's' }]]), await adapted(weights, [[path, 0.6]])]
    expect(largestDifference(await merged(base, live, { s: 0.6 }), await merged(base, folded))).toBeLessThan(1e-5)
  })

  test('at strength 0 leaves the weight', async () => {
    expect(await merged(base, await adapted(weights, [[path, 0]]))).toEqual(base.values)
    expect(await merged(base, await adapted(weights, [[path, { input: 's' }]]), { s: 0 })).toEqual(base.values)
  })
})

// lengths of columns are those of the whole weight, and the blocks of a rotation lie in several layers
const divisible = formulas.filter(
  ({ file }) =>
    !file.tensors.some(({ name, shape }) => /oft_blocks/.test(name) || (/dora_scale/.test(name) && shape[0] === 1)),
)

test.each(divisible)('$type for two weights on top of one another gives each its rows', async ({ base, file }) => {
  const path = write(file)
  const [rows = 0, ...rest] = base.shape
  const lower = { ...base, shape: [rows / 2, ...rest], values: base.values.slice(base.values.length / 2) }
  const changed = await adapted(await plain(lower), [[path, 0.6]], [rows / 2, rows])
  const whole = await merged(base, await adapted(await plain(base), [[path, 0.6]]))
  expect(largestDifference(await merged(lower, changed), whole.subarray(whole.length / 2))).toBeLessThan(1e-5)
})

describe.each(formulas.filter(({ base }) => base.shape.length > 1))('$type in a layer', async ({ base, file }) => {
  test('with a live strength gives what it gives folded', async () => {
    const [weights, path] = [await plain(base), write(file)]
    const [live, folded] = [await adapted(weights, [[path, { input: 's' }]]), await adapted(weights, [[path, 0.6]])]
    const output = await layerOutput(base, live, { s: 0.6 })
    expect(largestDifference(output, await layerOutput(base, folded))).toBeLessThan(2e-5)
  })
})

test.each(rows.filter(({ isAbsent }) => isAbsent))('$type adds a bias to a layer without one', async (row) => {
  const { floats, tensors } = goldens['adapter-tools']
  const base = { name: 'weight', shape: tensors.get('linear')?.shape ?? [], values: floats('linear') }
  const weights = await plain(base)
  const { path, modules } = await openAdapter(write(row.file))
  const onWeight = modules
    .filter(({ parameter }) => parameter === 'weight')
    .map((module) => ({ source: path, module, weight: 'layer.weight' }))
  const all = modules.map((module) => ({ source: path, module, weight: `layer.${module.parameter}` }))
  const [, bias = new Float32Array()] = row.merged[0] ?? []
  for (const strength of [1, { input: 's' }]) {
    const [without, output] = await Promise.all(
      [onWeight, all].map((matches) => layerOutput(base, applyAdapter(weights, matches, strength), { s: 1 })),
    )
    const added = output?.map((value, i) => value - (without?.[i] ?? 0)) ?? []
    expect(largestDifference(added, Float32Array.of(...bias, ...bias))).toBeLessThan(1e-6)
  }
})

describe('adapters of all kinds on one weight', async () => {
  const base = goldens['lora-types'].tensors.get('linear')
  const kinds = rows.filter(({ type, base: { shape } }) => String(shape) === String(base?.shape) && !/^peft/.test(type))
  const files = kinds.map(({ type, file }) => [type, write(file)] as const)
  const weight = kinds[0]?.base
  if (!weight) throw new Error('The golden has no adapter of a linear layer.')
  const weights = await plain(weight)

  async function graphBytes(applied: Applied): Promise<Buffer> {
    const graph = new Graph()
    const module = new Module(graph, await adapted(weights, applied)).at('layer')
    graph.output('y', linear(module, graph.input('x', 'float32', [1, 36]), 24))
    return Buffer.from(modelOf(graph).bytes())
  }

  test('are one graph in any order', async () => {
    const strength = fc.integer({ min: -30, max: 30 }).map((tenths) => tenths / 10)
    const pick = fc.record({ file: fc.constantFrom(...files), strength, key: fc.nat() })
    await fc.assert(
      fc.asyncProperty(fc.array(pick, { maxLength: 5 }), async (picks) => {
        const applied = (list: typeof picks) => list.map(({ file: [, path], strength }) => [path, strength] as const)
        const bytes = await graphBytes(applied(picks))
        expect(bytes.equals(await graphBytes(applied(picks.toSorted((a, b) => a.key - b.key))))).toBe(true)
      }),
      { numRuns: 25 },
    )
    const bytes = await Promise.all(files.map(([, path]) => graphBytes([[path, 1]])))
    expect(new Set(bytes.map((each) => each.toString('latin1'))).size).toBe(files.length)
  })

  test.each(files)('%s: strengths of one adapter add up', async (_, file) => {
    const parts = [
      [file, 0.9],
      [file, -0.3],
    ] as const
    const twice = await merged(weight, await adapted(weights, parts))
    expect(largestDifference(twice, await merged(weight, await adapted(weights, [[file, 0.6]])))).toBeLessThan(1e-5)
  })
})
