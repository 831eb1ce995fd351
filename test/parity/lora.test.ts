import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { applyAdapter } from '#engine/adapters/apply.ts'
import { fitAdapter } from '#engine/adapters/match.ts'
import { openAdapter } from '#engine/adapters/open.ts'
import type { Network } from '#engine/models/checkpoint.ts'
import { openCheckpoint } from '#engine/models/detect.ts'
import { buildTextEncoder } from '#engine/models/networks/text-encoder.ts'
import { buildUnet } from '#engine/models/networks/unet.ts'
import { cut } from '#engine/onnx/cut.ts'
import { encode as encodeModel } from '#engine/onnx/encode.ts'
import { peephole } from '#engine/onnx/passes/peephole.ts'
import { lower } from '#engine/onnx/passes/recipes.ts'
import { runPasses } from '#engine/onnx/passes/rewrite.ts'
import { verify } from '#engine/onnx/verify.ts'
import { goldenTensors, temporaryFolder } from '../golden-networks.ts'
import { largestDifference, readGolden } from '../goldens.ts'
import { floatsOf, openBytes, openSession, runParts } from '../onnx.ts'
import { type TensorValues, writeTensors } from '../tensor-file.ts'
import { textFeeds } from '../text-feeds.ts'
import { goldenTensor } from '../weights.ts'

type Shapes = Readonly<Record<string, readonly number[]>>

interface LoraCase {
  readonly rank: number
  readonly alpha: number
  readonly salt: number
  readonly targets: readonly string[]
  readonly weights: Shapes
  readonly kohya: Shapes
  readonly peft: Shapes
  readonly diffusers_to_ldm: Readonly<Record<string, string>>
  readonly tolerance: number
}

const golden = readGolden<LoraCase>('lora')
const { rank, alpha, salt, weights, kohya, peft, tolerance } = golden.json
const folder = temporaryFolder()

/** A half of a module: `module` is diffusers' name, with its network in front. */
function half(module: string, role: 'up' | 'down', shape: readonly number[]): Float32Array {
  const name = `lora/${module.replace(/^unet\./, '').replace(/^text_encoder\./, 'te/')}/${role}`
  return goldenTensor(name, shape, { salt, gain: 0.7 })
}

const modules = Object.keys(peft).flatMap((name) => /^(.*)\.lora_A\.weight$/.exec(name)?.[1] ?? [])
/** Diffusers' names by kohya's, which has no dots. */
const byKohyaName = new Map(
  modules.map((module) => [
    module
      .replace(/^unet\./, 'lora_unet_')
      .replace(/^text_encoder\./, 'lora_te_')
      .replaceAll('.', '_'),
    module,
  ]),
)

function kohyaTensor([name, shape]: [string, readonly number[]]): TensorValues {
  const [, kohyaName = '', ending = ''] = /^(\w+)\.(.*)$/.exec(name) ?? []
  const module = byKohyaName.get(kohyaName)
  if (module === undefined) throw new Error(`The golden has no module for ${name}.`)
  if (ending === 'alpha') return { name, shape, values: Float32Array.of(alpha) }
  return { name, shape, values: half(module, ending === 'lora_up.weight' ? 'up' : 'down', shape) }
}

/** PEFT's file folds alpha / rank into the upper half. */
function peftTensor([name, shape]: [string, readonly number[]]): TensorValues {
  const [, module = '', letter] = /^(.*)\.lora_([AB])\.weight$/.exec(name) ?? []
  const values = half(module, letter === 'B' ? 'up' : 'down', shape)
  return { name, shape, values: letter === 'B' ? values.map((value) => (value * alpha) / rank) : values }
}

const files = {
  kohya: writeTensors(join(folder, 'kohya.safetensors'), Object.entries(kohya).map(kohyaTensor)),
  PEFT: writeTensors(join(folder, 'peft.safetensors'), Object.entries(peft).map(peftTensor)),
}
type Strength = Parameters<typeof applyAdapter>[2]
type Applied = readonly (readonly [file: string, strength: Strength])[]

const checkpoint = await openCheckpoint(writeTensors(join(folder, 'base.safetensors'), goldenTensors(weights, salt)))

async function adapted<Config>(part: 'unet' | 'textEncoder', network: Network<Config> | undefined, applied: Applied) {
  if (!network) throw new Error(`The golden checkpoint has no ${part}.`)
  let { weights } = network
  for (const [file, strength] of applied) {
    const matches = fitAdapter(await openAdapter(file), checkpoint)[part]
    expect(matches.length).toBeGreaterThan(0)
    weights = applyAdapter(weights, matches, strength)
  }
  return { ...network, weights }
}

const shapeOf = (name: string) => golden.tensors.get(name)?.shape ?? []
const feeds = {
  latent: { data: golden.floats('latent'), shape: shapeOf('latent') },
  context: { data: golden.floats('context'), shape: shapeOf('context') },
  timestep: { data: Float32Array.from(golden.integers('timestep'), Number), shape: [1] },
}

async function predict(applied: Applied, { unet } = checkpoint): Promise<Float32Array> {
  const session = await openSession(buildUnet(await adapted('unet', unet, applied)))
  try {
    return await floatsOf(session, feeds, 'prediction')
  } finally {
    await session.release()
  }
}

async function encode(applied: Applied): Promise<Float32Array> {
  const textEncoder = await adapted('textEncoder', checkpoint.textEncoder, applied)
  const session = await openSession(buildTextEncoder({ textEncoder, skip: 1 }))
  const tokens = { data: golden.integers('ids'), shape: shapeOf('ids') }
  return floatsOf(session, textFeeds(tokens, textEncoder.config.width), 'context')
}

const forms = ['kohya', 'PEFT'] as const
const strengths = ['-0.3', '0.0', '0.5', '1.0'] as const

describe.each(forms)('a LoRA as %s file', (form) => {
  test.each(strengths)('at strength %s predicts what diffusers with peft predicts', async (strength) => {
    const eps = await predict([[files[form], Number(strength)]])
    expect(largestDifference(eps, golden.floats(`eps_${strength}`))).toBeLessThan(tolerance)
  })

  test('at strength 0.8 encodes what diffusers with peft encodes', async () => {
    const context = await encode([[files[form], 0.8]])
    expect(largestDifference(context, golden.floats('context_lora_08'))).toBeLessThan(tolerance)
    expect(largestDifference(await encode([]), golden.floats('context_lora_08'))).toBeGreaterThan(100 * tolerance)
  })
})

describe('a live LoRA', () => {
  test.each(forms)('as %s file predicts what diffusers predicts at every strength, with one session', async (form) => {
    const network = await adapted('unet', checkpoint.unet, [[files[form], { input: 'strength' }]])
    const session = await openSession(buildUnet(network))
    for (const strength of strengths) {
      const live = { ...feeds, strength: { data: Float32Array.of(Number(strength)), shape: [] } }
      const eps = await floatsOf(session, live, 'prediction')
      expect(largestDifference(eps, golden.floats(`eps_${strength}`))).toBeLessThan(tolerance)
    }
    await session.release()
  })

  test('beside a folded one and cut into parts predicts the sum of both', async () => {
    const applied: Applied = [
      [files.kohya, { input: 'strength' }],
      [files.PEFT, -0.7],
    ]
    const graph = runPasses(buildUnet(await adapted('unet', checkpoint.unet, applied)).graph, [lower('cpu'), peephole])
    const parts = cut(graph, 2 ** 20)
    expect(parts.length).toBeGreaterThan(5)
    for (const part of parts) verify(part)
    const sessions = await Promise.all(parts.map((part) => openBytes(encodeModel(part))))
    const live = { ...feeds, strength: { data: Float32Array.of(1.2), shape: [] } }
    const eps = (await runParts(sessions, live)).get('prediction')?.data
    expect(largestDifference(eps as Float32Array, golden.floats('eps_0.5'))).toBeLessThan(tolerance)
    for (const session of sessions) await session.release()
  })
})

describe('two adapters', () => {
  test('add up to the sum of their strengths', async () => {
    const eps = await predict([
      [files.kohya, 1.2],
      [files.PEFT, -0.7],
    ])
    expect(largestDifference(eps, golden.floats('eps_0.5'))).toBeLessThan(tolerance)
    const context = await encode([
      [files.PEFT, 0.5],
      [files.kohya, 0.3],
    ])
    expect(largestDifference(context, golden.floats('context_lora_08'))).toBeLessThan(tolerance)
  })

  test('are one graph in either order', async () => {
    const other = writeTensors(
      join(folder, 'other.safetensors'),
      Object.entries(peft).map(([name, shape]) => ({ name, shape, values: goldenTensor(name, shape, { salt: 7 }) })),
    )
    const one = [files.kohya, 0.6] as const
    const two = [other, 0.4] as const
    const graph = async (applied: Applied) => buildUnet(await adapted('unet', checkpoint.unet, applied)).bytes()
    expect(Buffer.compare(await graph([one, two]), await graph([two, one]))).toBe(0)
    expect(Buffer.compare(await graph([one, two]), await graph([one]))).not.toBe(0)
  })
})

test('convolutions get alpha / rank * up * down, as weights summed by hand do', async () => {
  const convolutions = Object.entries(kohya).filter(([name]) => /_(conv1|conv2|conv)\.(lora|alpha)/.test(name))
  const down = convolutions.filter(([, shape]) => shape.length === 4 && shape[2] === 3)
  expect(down.length).toBeGreaterThan(40)
  const file = writeTensors(join(folder, 'conv.safetensors'), convolutions.map(kohyaTensor))
  const strength = 0.9

  const deltas = new Map(
    down.map(([name]) => {
      const module = byKohyaName.get(name.split('.')[0] ?? '') ?? ''
      return [golden.json.diffusers_to_ldm[`${module.replace('unet.', '')}.weight`], module]
    }),
  )
  const summed = goldenTensors(weights, salt).map((tensor) => {
    const module = deltas.get(tensor.name)
    return module === undefined ? tensor : { ...tensor, values: sum(tensor, module, (strength * alpha) / rank) }
  })
  const byHand = await openCheckpoint(writeTensors(join(folder, 'summed.safetensors'), summed, 'F32'))
  expect(largestDifference(await predict([[file, strength]]), await predict([], byHand))).toBeLessThan(2e-5)
})

/** `W + scale * up @ down`, where both are flattened to matrices. */
function sum({ shape, values }: TensorValues, module: string, scale: number): Float32Array {
  const [rows = 0, ...rest] = shape
  const columns = rest.reduce((product, size) => product * size, 1)
  const up = half(module, 'up', [rows, rank, 1, 1])
  const down = half(module, 'down', [rank, ...rest])
  return values.map((value, i) => {
    const row = Math.floor(i / columns)
    let product = 0
    for (let k = 0; k < rank; k++) product += (up[row * rank + k] ?? 0) * (down[k * columns + (i % columns)] ?? 0)
    return value + scale * product
  })
}
