/**
 * The process of Latent Loom among the peers: CHECKPOINT SIZE. It answers each line of JSON on stdin with a line on stdout
 * that begins with `peer: `, as peer.py does.
 */
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { openCheckpoint } from '#engine/models/detect.ts'
import type { Model } from '#engine/models/networks/model.ts'
import { buildUnet } from '#engine/models/networks/unet.ts'
import { buildVaeDecoder } from '#engine/models/networks/vae.ts'
import { openSession } from '#engine/prepared/open-session.ts'
import { PreparedWeights } from '#engine/prepared/prepared-weights.ts'
import { chooseDevice } from '#engine/runtime/devices.ts'
import type { Feed, NetworkSession } from '#engine/runtime/session.ts'
import { preparedWeights } from '../files.ts'
import { memory, timed, waves } from '../measuring.ts'
import type { Answers, Requests, Task } from './protocol.ts'

const [path = '', usual = '512'] = process.argv.slice(2)
const { unet, vae } = await openCheckpoint(path)
if (!unet || !vae) throw new Error(`${path} is no whole checkpoint.`)
const models = { unet: () => buildUnet(unet), vae: () => buildVaeDecoder(vae) } satisfies Record<string, () => Model>
const prepared = new PreparedWeights(preparedWeights)
const sessions = new Map<keyof typeof models, NetworkSession>()

const tasks: { [T in Task]: (request: Requests[T]) => Promise<Answers[T]> } = {
  async version() {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    return { version }
  },
  open: async () => ({ seconds: await timed(() => session('unet')) }),
  async step({ count, size = Number(usual), batch = 1 }) {
    const [network, side] = [await session('unet'), size / 8]
    const feeds: Readonly<Record<string, Feed>> = {
      latent: waves([batch, 4, side, side]),
      timestep: { data: new Float32Array(batch).fill(499), shape: [batch] },
      context: waves([batch, 77, 768]),
    }
    const seconds: number[] = []
    let values: ArrayLike<number> = []
    for (let index = 0; index < count; index++) {
      seconds.push(
        await timed(async () => {
          values = (await network.run(feeds)).prediction?.data ?? values
        }),
      )
    }
    const sample = Array.from({ length: 8 }, (_, index) => values[(index * values.length) / 8] ?? Number.NaN)
    const { peak, anonymous } = memory()
    return { seconds, sample, peak, anonymous }
  },
  async decode({ size = Number(usual) }) {
    const [network, side] = [await session('vae'), size / 8]
    return { seconds: await timed(() => network.run({ latent: waves([1, 4, side, side]) })) }
  },
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`peer: ${JSON.stringify(await answer(JSON.parse(line)))}\n`)
}
for (const network of sessions.values()) await network.release()
// a set that the drive does not have yet is another process's to make anew
await prepared.settled()

function answer<T extends Task>({ task, ...request }: { task: T } & Requests[T]): Promise<Answers[T]> {
  return tasks[task](request as unknown as Requests[T])
}

async function session(network: keyof typeof models): Promise<NetworkSession> {
  const made =
    sessions.get(network) ??
    (await openSession(network, models[network](), { device: chooseDevice('cpu'), prepared, verify: false }))
  sessions.set(network, made)
  return made
}
