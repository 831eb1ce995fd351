import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSession } from '#engine/prepared/open-session.ts'
import { PreparedWeights } from '#engine/prepared/prepared-weights.ts'
import { PreparedStore } from '#engine/prepared/store.ts'
import { chooseDevice } from '#engine/runtime/devices.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { largestDifference } from '../goldens.ts'
import { networksOf, predict, rested } from '../prepared.ts'
import { smallTensors } from '../small-models.ts'
import { type StoredAs, writeTensors } from '../tensor-file.ts'
import { goldenModels } from './golden-models.ts'

let store: string
beforeEach(() => {
  store = join(temporaryFolder(), 'prepared')
})
afterEach(() => {
  rmSync(store, { recursive: true, force: true })
})

/** Goldens that each take seconds; a fast machine may try them all. */
const slow = process.env.LATENT_LOOM_ALL_GOLDENS === '1' ? [] : ['unet-lcm-w', 'unet-ssd1b']

test.each(Object.entries(goldenModels).filter(([name]) => !slow.includes(name)))(
  '%s gives with prepared weights what diffusers computes',
  async (_, open) => {
    const { model, feeds, output, expected, tolerance } = await open()
    for (const file of model.files) rested(file)
    const prepared = new PreparedWeights(store)
    const session = await openSession('network', model, { device: chooseDevice('cpu'), prepared, verify: true })
    const { [output]: tensor } = await session.run(feeds)
    expect(session.ownBytes).toBe(0)
    expect(largestDifference(tensor?.data ?? [], expected)).toBeLessThan(tolerance)
    await session.release()
    await prepared.settled()
  },
)

const written = (dtype: StoredAs) =>
  rested(writeTensors(join(temporaryFolder(), 'small.safetensors'), smallTensors(), dtype))

test.each<StoredAs>(['BF16', 'F32', 'F8_E4M3', 'F8_E5M2'])('a file of %s is prepared as one of F16', async (dtype) => {
  const { unet } = await networksOf(written(dtype))
  const { digest } = await predict(unet)
  expect(await predict(unet, store)).toEqual({ digest, own: 0 })
})

test('a file of float32 is mapped as it is but for what is transformed', async () => {
  const path = written('F32')
  for (const network of Object.values(await networksOf(path))) {
    expect(await predict(network, store)).toMatchObject({ own: 0 })
  }
  // vectors that get another shape; no convolution of these is wide enough for Winograd's algorithm
  expect((await new PreparedStore(store).state()).bytes).toBeLessThan(statSync(path).size / 50)
})
