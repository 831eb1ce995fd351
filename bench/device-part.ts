/**
 * One measurement of `device.ts`, in a process of its own, because a lost device ends its process. Prints a line of JSON.
 * node device-part.ts golden NAME DEVICE PRECISION
 * node device-part.ts step CHECKPOINT DEVICE PRECISION RECIPE SIZE BATCH ROUNDS
 */
import type { Precision } from '#core/protocol/messages.ts'
import { openCheckpoint } from '#engine/models/detect.ts'
import type { Model } from '#engine/models/networks/model.ts'
import { buildUnet } from '#engine/models/networks/unet.ts'
import type { Provider } from '#engine/onnx/passes/recipes.ts'
import { chooseDevice } from '#engine/runtime/devices.ts'
import { type Feed, NetworkSession } from '#engine/runtime/session.ts'
import { largestDifference } from '#test/goldens.ts'
import { type GoldenModel, goldenModels } from '#test/parity/golden-models.ts'
import { memory, timed, waves } from './measuring.ts'

/** How far a network is from its golden. */
export interface GoldenResult {
  readonly distance: number
}

/** Times of the same step, the first with what is compiled at first use. */
export interface StepResult {
  /** Seconds until the session is there. */
  readonly creation: number
  readonly runs: readonly number[]
  /** Bytes of this process's memory, not the card's. */
  readonly peak: number
}

const goldens: Readonly<Record<string, () => Promise<GoldenModel>>> = goldenModels

async function golden(name: string, device: string, precision: string): Promise<GoldenResult> {
  const { model, feeds, output, expected } = (await goldens[name]?.()) ?? lacking(`golden ${name}`)
  const session = await open(model, device, precision, device)
  const outputs = await session.run(feeds)
  return { distance: largestDifference(outputs[output]?.data ?? [], expected) }
}

async function step(
  path: string,
  device: string,
  precision: string,
  recipe: string,
  ...[size = 64, batch = 1, rounds = 3]: number[]
): Promise<StepResult> {
  const { unet = lacking('UNet') } = await openCheckpoint(path)
  const { inChannels, contextWidth, vectorWidth, guidanceWidth } = unet.config
  const feeds: Record<string, Feed> = {
    latent: waves([batch, inChannels, size / 8, size / 8]),
    timestep: { data: new Float32Array(batch).fill(499), shape: [batch] },
    context: waves([batch, 77, contextWidth]),
    ...(vectorWidth !== undefined && { vector: waves([batch, vectorWidth]) }),
    ...(guidanceWidth !== undefined && { guidance: waves([batch, guidanceWidth]) }),
  }
  let session: NetworkSession | undefined
  const creation = await timed(async () => {
    session = await open(buildUnet(unet), device, precision, recipe)
  })
  const runs: number[] = []
  for (let round = 0; round < rounds; round++) runs.push(await timed(async () => session?.run(feeds)))
  return { creation, runs, peak: memory().peak }
}

/** A session on a device of a graph that is written by a recipe, which may be another device's. */
function open(model: Model, device: string, asked: string, recipe: string): Promise<NetworkSession> {
  const precision = model.precision(asked as Precision)
  const lowered = model.lowered({ provider: recipe as Provider, precision })
  return NetworkSession.create('network', lowered, chooseDevice(device as Provider), { verify: false })
}

function lacking(what: string): never {
  throw new Error(`There is no ${what}.`)
}

const [part, name = '', device = '', precision = '', recipe = '', ...numbers] = process.argv.slice(2)
const result =
  part === 'golden'
    ? await golden(name, device, precision)
    : await step(name, device, precision, recipe, ...numbers.map(Number))
process.stdout.write(`\n${JSON.stringify(result)}\n`)
// native destructors of a device may hang
process.exit()
