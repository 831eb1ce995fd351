import type { Precision } from '#core/protocol/messages.ts'
import { encode, type Sizes } from '#engine/onnx/encode.ts'
import { passesFor } from '#engine/onnx/passes/recipes.ts'
import { runPasses } from '#engine/onnx/passes/rewrite.ts'
import { largestDifference } from '../goldens.ts'
import { floatsOf, openBytes, type TestSession } from '../onnx.ts'
import { type GoldenModel, goldenModels, vaePart } from './golden-models.ts'

// node webgpu-networks.ts PRECISION NAME ... prints a JSON line for each network: how far WebGPU is from the golden, or,
// for a name with "kernels of " before it, what keeps a session from doing without the processor.
// A program of its own, because a lost device ends its process.

const networks: Readonly<Record<string, () => Promise<GoldenModel>>> = goldenModels

function open({ model }: Pick<GoldenModel, 'model'>, precision: Precision, sizes?: Sizes): Promise<TestSession> {
  const graph = runPasses(model.graph, passesFor('webgpu', model.precision(precision)), { verify: true })
  // with all sizes known, nothing is left for the processor, and a session that needs it is refused
  const config = sizes && { 'session.disable_cpu_ep_fallback': '1' }
  return openBytes(encode(graph, { sizes }), 'webgpu', 'basic', config)
}

const allSizes = { batch: 1, height: 8, width: 8, tokens: 77, imageHeight: 64, imageWidth: 64 }

async function kernelsOf(name: string, precision: Precision): Promise<string> {
  const model = name === 'vae decoder-outer' ? await vaePart('decoder-outer') : (await networks[name]?.())?.model
  if (!model) throw new Error(`There is no network ${name}.`)
  try {
    await (await open({ model }, precision, allSizes)).release()
    return 'all'
  } catch (error) {
    return String(error)
  }
}

async function distanceOf(name: string, precision: Precision): Promise<number> {
  const network = await networks[name]?.()
  if (!network) throw new Error(`There is no network ${name}.`)
  const session = await open(network, precision)
  const values = await floatsOf(session, network.feeds, network.output)
  await session.release()
  return values.every(Number.isFinite) ? largestDifference(values, network.expected) : Number.POSITIVE_INFINITY
}

const [precision, ...names] = process.argv.slice(2)
const asked: Precision = precision === 'float16' ? 'float16' : 'float32'
for (const name of names) {
  const [, network] = /^kernels of (.*)$/.exec(name) ?? []
  const result = network === undefined ? await distanceOf(name, asked) : await kernelsOf(network, asked)
  process.stdout.write(`${JSON.stringify([name, result])}\n`)
}
