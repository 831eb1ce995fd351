/**
 * Measures one network at 512 x 512. It runs as a separate process, to measure the peak memory of this network alone:
 * node measure.ts CHECKPOINT CASE ROUNDS [WAY ...]
 * Several ways alternate, so that their times are comparable. Prints one `Measurement` as JSON.
 */
import { applyAdapter } from '#engine/adapters/apply.ts'
import { fitAdapter } from '#engine/adapters/match.ts'
import { openAdapter } from '#engine/adapters/open.ts'
import type { Checkpoint } from '#engine/models/checkpoint.ts'
import { openCheckpoint } from '#engine/models/detect.ts'
import type { Model } from '#engine/models/networks/model.ts'
import { buildTextEncoder } from '#engine/models/networks/text-encoder.ts'
import { buildUnet } from '#engine/models/networks/unet.ts'
import { buildVaeDecoder } from '#engine/models/networks/vae.ts'
import { openSession } from '#engine/prepared/open-session.ts'
import { PreparedWeights } from '#engine/prepared/prepared-weights.ts'
import { PreparedStore } from '#engine/prepared/store.ts'
import { chooseDevice } from '#engine/runtime/devices.ts'
import { type Feed, NetworkSession } from '#engine/runtime/session.ts'
import { lcmLora, preparedWeights } from './files.ts'
import { type Memory, memory, waves } from './measuring.ts'

export interface Measurement extends Memory {
  /** Milliseconds. */
  readonly header: number
  readonly graph: number
  /** Seconds, by way. */
  readonly creation: Readonly<Partial<Record<Way, number>>>
  readonly runs: Readonly<Partial<Record<Way, readonly number[]>>>
  /** Seconds of processor time of the runs. */
  readonly work: Readonly<Partial<Record<Way, readonly number[]>>>
  readonly float32Bytes: number
}

/** Plain ops instead of fast ones; fast ones with weights in memory; with weights kept ready, or made ready first. */
export type Way = 'portable' | 'cpu' | 'prepared' | 'first'

interface Case {
  build(checkpoint: Checkpoint): Model | Promise<Model>
  feeds(): Readonly<Record<string, Feed>>
}

const latentSize = 512 / 8

const cases: Readonly<Record<string, Case>> = {
  'text-encoder': {
    build: ({ textEncoder }) => buildTextEncoder({ textEncoder: textEncoder ?? lacking('text encoder'), skip: 1 }),
    feeds: () => ({
      tokens: { data: new BigInt64Array(77).fill(49407n), shape: [1, 77] },
      vectors: { data: new Float32Array(77 * 768), shape: [1, 77, 768] },
      plain: { data: new Float32Array(77).fill(1), shape: [1, 77, 1] },
    }),
  },
  unet: { build: ({ unet }) => buildUnet(unet ?? lacking('UNet')), feeds: () => unetFeeds(1) },
  'unet-batch-2': { build: ({ unet }) => buildUnet(unet ?? lacking('UNet')), feeds: () => unetFeeds(2) },
  'sdxl-unet': {
    build: ({ unet }) => buildUnet(unet ?? lacking('UNet')),
    feeds: () => ({ ...unetFeeds(1, 2048), vector: waves([1, 2816]) }),
  },
  'unet-lcm-lora': { build: withLora, feeds: () => unetFeeds(1) },
  'vae-decoder': {
    build: ({ vae }) => buildVaeDecoder(vae ?? lacking('VAE')),
    feeds: () => ({ latent: waves([1, 4, latentSize, latentSize]) }),
  },
}

function unetFeeds(batch: number, contextWidth = 768): Readonly<Record<string, Feed>> {
  return {
    latent: waves([batch, 4, latentSize, latentSize]),
    timestep: { data: new Float32Array(batch).fill(499), shape: [batch] },
    context: waves([batch, 77, contextWidth]),
  }
}

async function withLora(checkpoint: Checkpoint): Promise<Model> {
  const network = checkpoint.unet ?? lacking('UNet')
  const { unet: matches } = fitAdapter(await openAdapter(lcmLora), checkpoint)
  return buildUnet({ ...network, weights: applyAdapter(network.weights, matches, 1) })
}

function lacking(part: string): never {
  throw new Error(`The checkpoint has no ${part}.`)
}

const [path = '', name = '', rounds = '3', ...given] = process.argv.slice(2)
const ways: Way[] = given.length > 0 ? (given as Way[]) : ['cpu']
const { build, feeds } = cases[name] ?? lacking(`case ${name}`)

const started = performance.now()
const checkpoint = await openCheckpoint(path)
const header = performance.now() - started
const model = await build(checkpoint)
model.bytes()
const graph = performance.now() - started - header

const sessions = new Map<Way, NetworkSession>()
const prepared = new PreparedWeights(preparedWeights)
const creation: Partial<Record<Way, number>> = {}
const runs: Partial<Record<Way, number[]>> = {}
const work: Partial<Record<Way, number[]>> = {}
for (const way of ways) {
  const before = performance.now()
  sessions.set(way, await open(way))
  creation[way] = (performance.now() - before) / 1000
  runs[way] = []
  work[way] = []
}
const inputs = feeds()
for (let round = 0; round < Number(rounds); round++) {
  for (const [way, session] of sessions) {
    const [before, used] = [performance.now(), process.cpuUsage()]
    await session.run(inputs)
    const { user, system } = process.cpuUsage(used)
    runs[way]?.push((performance.now() - before) / 1000)
    work[way]?.push((user + system) / 1e6)
  }
}
const measurement: Measurement = { header, graph, creation, runs, work, ...memory(), float32Bytes: model.weightBytes }
process.stdout.write(JSON.stringify(measurement))
await prepared.settled()

async function open(way: Way): Promise<NetworkSession> {
  const device = chooseDevice('cpu')
  if (way === 'cpu') return NetworkSession.create(name, model, device, { verify: false })
  // DirectML's graphs run on the processor too, without what was written for it
  const portable = () => model.lowered({ provider: 'dml' })
  if (way === 'portable') return NetworkSession.create(name, portable(), device, { verify: false })
  if (way === 'first') await new PreparedStore(preparedWeights).clear()
  return openSession(name, model, { device, prepared, verify: false })
}
