/**
 * Measures one network in a process of its own, so that its peak memory is its own: node measure.ts CHECKPOINT NETWORK RECIPE ROUNDS
 * Prints one JSON object.
 */
import { readFileSync } from 'node:fs'
import { applyAdapter } from '#engine/adapters/apply.ts'
import { fitAdapter } from '#engine/adapters/match.ts'
import { openAdapter } from '#engine/adapters/open.ts'
import { openCheckpoint } from '#engine/models/detect.ts'
import type { Model } from '#engine/models/networks/model.ts'
import { buildTextEncoder } from '#engine/models/networks/text-encoder.ts'
import { buildUnet } from '#engine/models/networks/unet.ts'
import { buildVaeDecoder } from '#engine/models/networks/vae.ts'
import { chooseDevice } from '#engine/runtime/devices.ts'
import { type Feed, NetworkSession } from '#engine/runtime/session.ts'

const [path = '', network = 'unet', rounds = '3', batch = '1', lora] = process.argv.slice(2)
const size = 512 / 8

const started = performance.now()
const checkpoint = await openCheckpoint(path)
const headerRead = performance.now()
const { unet, textEncoder, vae } = checkpoint
if (!unet || !textEncoder || !vae) throw new Error(`${path} lacks a network.`)

const adapted = lora === undefined ? unet : await withLora(unet, lora)

const floats = (shape: readonly number[]): Feed => {
  const values = new Float32Array(shape.reduce((product, dim) => product * dim, 1))
  return { data: values.map((_, i) => Math.sin(i * 12.9898)), shape }
}
const n = Number(batch)
const cases: Record<string, { build: () => Model; feeds: () => Record<string, Feed> }> = {
  unet: {
    build: () => buildUnet(adapted),
    feeds: () => ({
      latent: floats([n, 4, size, size]),
      timestep: { data: new Float32Array(n).fill(499), shape: [n] },
      context: floats([n, 77, 768]),
    }),
  },
  'text-encoder': {
    build: () => buildTextEncoder(textEncoder, { skip: 1 }),
    feeds: () => ({ tokens: { data: new BigInt64Array(77).fill(49407n), shape: [1, 77] } }),
  },
  'vae-decoder': { build: () => buildVaeDecoder(vae), feeds: () => ({ latent: floats([1, 4, size, size]) }) },
}
const chosen = cases[network]
if (!chosen) throw new Error(`No network ${network}.`)

const model = chosen.build()
const { length: protoBytes } = model.bytes()
const built = performance.now()
const session = await NetworkSession.create(network, model, chooseDevice("cpu"), { verify: false })
const created = performance.now()
const peakAfterCreation = peakMemory()
const feeds = chosen.feeds()
const runs: number[] = []
for (let round = 0; round < Number(rounds); round++) {
  const before = performance.now()
  await session.run(feeds)
  runs.push((performance.now() - before) / 1000)
}
process.stdout.write(
  `${JSON.stringify({
    network,
    batch: n,
    header: headerRead - started,
    graph: built - headerRead,
    protoBytes,
    creation: (created - built) / 1000,
    runs,
    peakAfterCreation,
    peak: peakMemory(),
    float32Bytes: model.weightBytes,
  })}\n`,
)

async function withLora(network: NonNullable<typeof unet>, file: string): Promise<typeof network> {
  const { unet: matches } = fitAdapter(await openAdapter(file), checkpoint)
  return { ...network, weights: applyAdapter(network.weights, matches, 1) }
}

/** Bytes that were resident at most, file pages included; Linux counts them. */
function peakMemory(): number {
  const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))
  return line ? Number(line[1]) * 1024 : Math.max(process.memoryUsage.rss(), process.resourceUsage().maxRSS * 1024)
}
