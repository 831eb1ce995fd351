import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import type { Model } from '#engine/models/networks/model.ts'
import { openSession } from '#engine/prepared/open-session.ts'
import { PreparedWeights } from '#engine/prepared/prepared-weights.ts'
import { alone } from '#engine/runtime/alone.ts'
import { chooseDevice } from '#engine/runtime/devices.ts'
import { interruption } from '#engine/runtime/interruption.ts'
import type { Feed } from '#engine/runtime/session.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { sample } from '../onnx.ts'
import { networksOf, rested } from '../prepared.ts'
import { smallModels } from '../small-models.ts'

const options = { device: chooseDevice('cpu'), verify: false }
let networks: Awaited<ReturnType<typeof networksOf>>
beforeAll(async () => {
  networks = await networksOf(rested(join(smallModels(), 'emoji-tiny.safetensors')))
})

const latent: Feed = { data: sample([1, 4, 64, 64]).data, shape: [1, 4, 64, 64] }

/** Times work, and the same work that is cancelled soon after its begin, until the processor is free again. */
async function cancelled(what: string, work: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const started = performance.now()
  await work(new AbortController().signal)
  const whole = performance.now() - started
  const controller = new AbortController()
  let said = 0
  const timer = setTimeout(() => {
    said = performance.now()
    controller.abort()
  }, whole / 20)
  const outcome = await work(controller.signal).catch((error: unknown) => error)
  clearTimeout(timer)
  const heard = performance.now() - said
  await alone(async () => {})
  const free = performance.now() - said
  console.info(`${what}: ${format(whole)}; cancelled, heard after ${format(heard)}, free after ${format(free)}`)
  expect(outcome).toMatchObject({ code: 'cancelled' })
}

const format = (milliseconds: number) => `${milliseconds.toFixed(0)} ms`

async function running(what: string, model: Model, feeds: Readonly<Record<string, Feed>>): Promise<void> {
  const session = await openSession(what, model, options)
  await cancelled(what, (signal) => session.run(feeds, signal))
  await session.release()
}

test('a step ends before its end when it is cancelled', () =>
  running('step', networks.unet.model, { ...networks.unet.feeds, latent }))

test('a decode ends before its end when it is cancelled', () =>
  running('decode', networks['VAE decoder'].model, { latent }))

test.each(['in memory', 'into the store'])('a load %s ends before its end when it is cancelled', (where) =>
  cancelled(`load ${where}`, async (signal) => {
    const prepared = where === 'in memory' ? undefined : new PreparedWeights(join(temporaryFolder(), 'prepared'))
    const loaded = () => interruption(signal)
    const session = await openSession('load', networks.unet.model, { ...options, prepared, signal, loaded })
    await session.release()
    await prepared?.settled()
  }),
)
