/**
 * Compares live with folded strengths of an adapter like LCM-LoRA (rank 64 on every layer) on a UNet of SD1.5's size:
 * node live.ts CHECKPOINT SIZE ROUNDS
 * Prints one `LiveMeasurement` as JSON.
 */
import { applyAdapter } from '#engine/adapters/apply.ts'
import { fitAdapter } from '#engine/adapters/match.ts'
import { openAdapter } from '#engine/adapters/open.ts'
import { openCheckpoint } from '#engine/models/detect.ts'
import { buildUnet } from '#engine/models/networks/unet.ts'
import type { WeightDelta } from '#engine/models/weights.ts'
import { chooseDevice } from '#engine/runtime/devices.ts'
import { NetworkSession } from '#engine/runtime/session.ts'
import { lcmLora } from './files.ts'
import { timed, waves } from './measuring.ts'

/** Seconds. */
interface Times {
  readonly creation: number
  readonly runs: readonly number[]
}
export interface LiveMeasurement {
  readonly folded: Times
  readonly live: Times
}

const [path = '', size = '512', rounds = '3'] = process.argv.slice(2)
const checkpoint = await openCheckpoint(path)
const { unet } = checkpoint
if (!unet) throw new Error('The checkpoint has no UNet.')
const { unet: matches } = fitAdapter(await openAdapter(lcmLora), checkpoint)

const strengths: Readonly<Record<keyof LiveMeasurement, WeightDelta['strength']>> = {
  folded: 1,
  live: { input: 'strength' },
}
const side = Number(size) / 8
const feeds = {
  latent: waves([1, 4, side, side]),
  timestep: { data: Float32Array.of(499), shape: [1] },
  context: waves([1, 77, 768]),
  strength: { data: Float32Array.of(1), shape: [] },
}

const sessions = new Map<keyof LiveMeasurement, NetworkSession>()
const times = { folded: { creation: 0, runs: [] as number[] }, live: { creation: 0, runs: [] as number[] } }
for (const way of ['folded', 'live'] as const) {
  const model = buildUnet({ ...unet, weights: applyAdapter(unet.weights, matches, strengths[way]) })
  times[way].creation = await timed(async () => {
    sessions.set(way, await NetworkSession.create(way, model, chooseDevice('cpu'), { verify: false }))
  })
}
for (let round = 0; round < Number(rounds); round++) {
  for (const [way, session] of sessions) times[way].runs.push(await timed(() => session.run(feeds)))
}
process.stdout.write(JSON.stringify(times satisfies LiveMeasurement))
