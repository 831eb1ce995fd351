import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join, relative } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { applyAdapter } from '#engine/adapters/apply.ts'
import { fitAdapter } from '#engine/adapters/match.ts'
import { openAdapter } from '#engine/adapters/open.ts'
import { openTensorFile } from '#engine/files/tensor-file.ts'
import { openCheckpoint } from '#engine/models/detect.ts'
import { modelOf } from '#engine/models/networks/model.ts'
import { buildUnet } from '#engine/models/networks/unet.ts'
import type { WeightDelta } from '#engine/models/weights.ts'
import { symbol } from '#engine/onnx/dim.ts'
import { Graph } from '#engine/onnx/graph.ts'
import { chooseDevice } from '#engine/runtime/devices.ts'
import { disk, fault, noFault } from '#test/failing-fs.ts'
import { temporaryFolder } from '#test/golden-networks.ts'
import { sample } from '#test/onnx.ts'
import { type Case, networksOf, type Predicted, predict, rested, restingCheckpoint } from '#test/prepared.ts'
import { smallModels } from '#test/small-models.ts'
import { writeTensors } from '#test/tensor-file.ts'
import { openSession } from './open-session.ts'
import { PreparedWeights } from './prepared-weights.ts'
import { PreparedStore } from './store.ts'

vi.mock('node:fs/promises', async (original) => {
  const { failingFs } = await import('#test/failing-fs.ts')
  return failingFs(await original<typeof import('node:fs/promises')>())
})

/** A folder that stands for another drive. */
const drive = vi.hoisted(() => ({ root: '' }))
vi.mock('../onnx/external.ts', async (original) => {
  const real = await original<typeof import('../onnx/external.ts')>()
  const rootOf = (path: string) => (drive.root !== '' && path.startsWith(drive.root) ? drive.root : '/')
  const isFaked = () => drive.root !== ''
  return {
    externalFolder: (path: string) => (isFaked() ? rootOf(path) : real.externalFolder(path)),
    externalLocation: (path: string) => (isFaked() ? relative(rootOf(path), path) : real.externalLocation(path)),
  }
})

type Networks = Awaited<ReturnType<typeof networksOf>>

let checkpoint: string
let networks: Networks
/** What the text encoder gives without a store. */
let plain: Predicted
beforeAll(async () => {
  checkpoint = restingCheckpoint(temporaryFolder())
  networks = await networksOf(checkpoint)
  plain = await text()
})

let store: string
beforeEach(() => {
  store = join(temporaryFolder(), 'prepared')
})
afterEach(() => {
  noFault()
  drive.root = ''
  rmSync(store, { recursive: true, force: true })
})

/** The cheapest of the networks. */
const text = (folder?: string) => predict(networks['text encoder'], folder)

const files = (ending: string) => readdirSync(store).filter((name) => name.endsWith(ending))
const only = (ending: string): string => {
  const [name = '', ...others] = files(ending)
  expect(others).toEqual([])
  return join(store, name)
}
const keyOf = (file: string) => file.split('-')[0]
const prepared = (digest: string): Predicted => ({ digest, own: 0 })

describe('a network', () => {
  test.each<keyof Networks>(['unet', 'text encoder', 'VAE decoder', 'VAE encoder'])(
    'gives with prepared weights what it gives without, to the bit: %s',
    async (name) => {
      const without = await predict(networks[name])
      expect(without.own).toBeGreaterThan(0)
      expect(await predict(networks[name], store)).toEqual(prepared(without.digest))
      const { mtimeMs } = statSync(only('.safetensors'))
      expect(await predict(networks[name], store)).toEqual(prepared(without.digest))
      expect(statSync(only('.safetensors')).mtimeMs).toBe(mtimeMs)
    },
  )

  test('has its Winograd transforms prepared', async () => {
    const path = rested(
      writeTensors(join(temporaryFolder(), 'w.safetensors'), [
        { name: 'w', shape: [64, 64, 3, 3], values: sample([64, 64, 3, 3]).data },
      ]),
    )
    const tensor = (await openTensorFile(path)).header.tensors.get('w')
    const graph = new Graph()
    const x = graph.input('x', 'float32', [symbol('batch'), 64, symbol('height'), symbol('width')])
    const stored = graph.weight('w', 'float16', [64, 64, 3, 3], { file: path, offset: 0, byteLength: 0, ...tensor })
    const weight = graph.add('Cast', [stored], { to: 'float32' })
    const attributes = { kernel_shape: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1], group: 1 }
    graph.output('y', graph.add('Conv', [x, weight, undefined], attributes))
    const shape = [1, 64, 8, 12]
    const network: Case = {
      model: modelOf(graph, { graphOptimizationLevel: 'basic' }),
      feeds: { x: { data: sample(shape).data, shape } },
    }
    const { digest } = await predict(network)
    expect(await predict(network, store)).toEqual(prepared(digest))
    const { header } = await openTensorFile(only('.safetensors'))
    expect(Array.from(header.tensors.values(), ({ shape }) => shape)).toEqual([[36, 1, 64, 64]])
  })

  test('of a file that was just written is not prepared, for it may change within the tick of a clock', async () => {
    const young = await networksOf(rested(restingCheckpoint(temporaryFolder()), 0))
    expect((await predict(young['text encoder'], store)).own).toBeGreaterThan(0)
  })

  test('of a file that was replaced has other weights', async () => {
    const folder = temporaryFolder()
    const before = await predict((await networksOf(restingCheckpoint(folder)))['text encoder'], store)
    rested(restingCheckpoint(folder, 1), 1800)
    const after = (await networksOf(join(folder, 'small.safetensors')))['text encoder']
    const { digest } = await predict(after)
    expect(digest).not.toBe(before.digest)
    expect(await predict(after, store)).toEqual(prepared(digest))
  })
})

/** A network with an adapter. */
let withStrength: (strength: WeightDelta['strength']) => Case & Required<Pick<Case, 'base'>>
beforeAll(async () => {
  const path = rested(join(smallModels(), 'emoji-tiny.safetensors'))
  const { unet } = await openCheckpoint(path)
  if (!unet) throw new Error('no UNet')
  const lora = await openAdapter(rested(join(smallModels(), 'emoji-tiny-lcm-lora.safetensors')))
  const { unet: matches } = fitAdapter(lora, await openCheckpoint(path))
  const { feeds } = (await networksOf(path)).unet
  withStrength = (strength) => ({
    model: buildUnet({ ...unet, weights: applyAdapter(unet.weights, matches, strength) }),
    base: () => buildUnet(unet),
    feeds: typeof strength === 'number' ? feeds : { ...feeds, strength: { data: Float32Array.of(0.5), shape: [] } },
  })
})

describe('a network with adapters', () => {
  test('keeps what the adapters change only when it is asked for again, and shares the rest', async () => {
    const folded = withStrength(0.5)
    const { digest, own } = await predict(folded)
    const first = await predict(folded, store)
    expect(first.digest).toBe(digest)
    expect(first.own).toBeGreaterThan(0)
    expect(first.own).toBeLessThan(own)
    const base = only('.safetensors')
    expect(await predict(folded, store)).toEqual(prepared(digest))
    expect(files('.safetensors')).toHaveLength(2)

    // the network without adapters reads the same pages
    expect(await predict({ ...folded, model: folded.base() }, store)).toMatchObject({ own: 0 })
    const live = withStrength({ input: 'strength' })
    const without = await predict(live)
    const beside = await predict(live, store)
    expect(beside.digest).toBe(without.digest)
    expect(beside.own).toBeLessThan(statSync(base).size / 4)
    expect(files('.safetensors')).toHaveLength(2)
    expect(await predict(live, store)).toEqual(prepared(without.digest))
  })
})

test('a grid over checkpoints and strengths keeps a set of each checkpoint, and of each strength when it is drawn again', async () => {
  const other = (await networksOf(restingCheckpoint(temporaryFolder(), 1)))['text encoder']
  const grid = [...[0.25, 0.75].map((strength) => withStrength(strength)), networks['text encoder'], other]
  const draw = async () => {
    for (const cell of grid) await predict(cell, store)
    return { sets: files('.json').length, asked: files('.asked').length }
  }
  expect(await draw()).toEqual({ sets: 3, asked: 2 })
  expect(await draw()).toEqual({ sets: 5, asked: 2 })
})

describe('a store', () => {
  test.each<[what: string, damage: (file: string, mark: string) => void]>([
    [
      'a byte of a header is another',
      (file) => {
        const bytes = readFileSync(file)
        bytes[20] = (bytes[20] ?? 0) ^ 1
        writeFileSync(file, bytes)
      },
    ],
    ['a file is cut short', (file) => truncateSync(file, statSync(file).size - 4)],
    ['a file is empty', (file) => truncateSync(file, 0)],
    ['a file is too long', (file) => appendFileSync(file, 'more')],
    ['a file is gone', (file) => rmSync(file)],
    ['a mark is torn', (_, mark) => truncateSync(mark, 12)],
    ['a mark is gone', (_, mark) => rmSync(mark)],
  ])('in which %s is mended', async (_, damage) => {
    await text(store)
    damage(only('.safetensors'), only('.json'))
    expect(await text(store)).toEqual(prepared(plain.digest))
    const { entries } = await new PreparedStore(store).state()
    expect(entries).toMatchObject([{ bytes: statSync(only('.safetensors')).size }])
  })

  test('in whose place something else stands is done without', async () => {
    await text(store)
    const file = only('.safetensors')
    rmSync(file)
    mkdirSync(file)
    expect(await text(store)).toEqual(prepared(plain.digest))
    rmSync(store, { recursive: true })
    writeFileSync(store, '')
    expect(await text(store)).toEqual({ ...plain, refused: expect.stringContaining('EEXIST') })
  })

  test('on another drive serves networks whose every weight is prepared; others do without, and say so', async () => {
    const decoder = networks['VAE decoder']
    const { digest } = await predict(decoder)
    drive.root = store
    expect(await predict(decoder, store)).toEqual(prepared(digest))
    // tokens are looked up in the checkpoint's table
    expect(await text(store)).toEqual({ ...plain, refused: expect.stringContaining('another drive') })
    expect(files('.safetensors')).toHaveLength(1)
  })

  test('on a disk that is nearly full is done without, and says so', async () => {
    disk.free = 1e6
    expect(await text(store)).toEqual({ ...plain, refused: expect.stringMatching(/may hold|nearly full/) })
    expect(files('.safetensors')).toEqual([])
    await new PreparedStore(store).setLimit(1e9)
    expect(await text(store)).toEqual({ ...plain, refused: expect.stringContaining('nearly full') })
    expect(files('')).toEqual(['settings'])
  })

  test('on a disk that does not keep up is done without, says so, and is not tried again', async () => {
    Object.assign(fault, { failAt: Number.POSITIVE_INFINITY, code: 'hang', only: 'write' })
    expect(await text(store)).toEqual({ ...plain, refused: expect.stringContaining('longer than the computation') })
    expect(files('.safetensors')).toEqual([])
    noFault()
    expect(await text(store)).toEqual({ ...plain, refused: expect.stringContaining('longer than the computation') })
    await new PreparedStore(store).clear()
    expect(await text(store)).toEqual(prepared(plain.digest))
  })

  test('whose disk fails after a session was made is done without from the next run on', async () => {
    const { model, feeds } = networks['text encoder']
    const weights = new PreparedWeights(store)
    const { promise: until, resolve: fail } = Promise.withResolvers<void>()
    Object.assign(fault, { failAt: Number.POSITIVE_INFINITY, code: 'EIO', only: 'sync', until })
    const options = { device: chooseDevice('cpu'), verify: false }
    const session = await openSession('network', model, { ...options, prepared: weights })
    expect(session.ownBytes).toBe(0)
    fail()
    await weights.settled()
    expect(files('.safetensors')).toEqual([])
    const outputs = await session.run(feeds)
    expect(session.ownBytes).toBe(plain.own)
    const inMemory = await openSession('network', model, options)
    expect(outputs).toEqual(await inMemory.run(feeds))
    await inMemory.release()
    await session.release()
  })

  test('serves a second session before the disk has what the first one made', async () => {
    const { model } = networks['text encoder']
    const weights = new PreparedWeights(store)
    const options = { device: chooseDevice('cpu'), verify: false, prepared: weights }
    const first = await openSession('first', model, options)
    const second = await openSession('second', model, options)
    await weights.settled()
    expect(files('.safetensors')).toHaveLength(1)
    expect([first.ownBytes, second.ownBytes]).toEqual([0, 0])
    await first.release()
    await second.release()
  })

  test.each(['ENOSPC', 'EIO'])('that meets %s at any call is done without', async (code) => {
    let failAt = 0
    do {
      failAt += 1
      Object.assign(fault, { calls: 0, failAt, code })
      const { digest } = await text(store)
      fault.code = ''
      expect(digest).toBe(plain.digest)
      rmSync(store, { recursive: true, force: true })
    } while (fault.calls >= failAt)
    expect(failAt).toBeGreaterThan(10)
  })

  test('tells what in it is no longer what was written', async () => {
    await text(store)
    await predict(networks['VAE decoder'], store)
    const [first = ''] = files('.safetensors')
    const bytes = readFileSync(join(store, first))
    bytes[bytes.length - 5] = (bytes[bytes.length - 5] ?? 0) ^ 64
    writeFileSync(join(store, first), bytes)
    const found = new Map<string, boolean>()
    for await (const { entry, whole } of new PreparedStore(store).check()) found.set(entry.key, whole)
    expect(found.size).toBe(2)
    expect([...found].filter(([, whole]) => !whole)).toEqual([[keyOf(first), false]])
    expect(files('.safetensors')).not.toContain(first)
  })

  test('is bounded: what was used least recently goes, unless it was used within the hour', async () => {
    await text(store)
    const [textFile = ''] = files('.safetensors')
    await predict(networks.unet, store)
    const { bytes } = await new PreparedStore(store).state()
    await new PreparedStore(store).setLimit(bytes)
    expect((await predict(networks['VAE decoder'], store)).own).toBeGreaterThan(0)
    expect(files('.safetensors')).toHaveLength(2)

    const mark = join(store, `${keyOf(textFile)}.json`)
    rested(mark)
    await text(store)
    expect(statSync(mark).mtimeMs).toBeGreaterThan(Date.now() - 60_000)
    rested(mark)
    await predict(networks['VAE decoder'], store)
    expect(files('.safetensors')).not.toContain(textFile)
    const { limit, bytes: after } = await new PreparedStore(store).state()
    expect([limit, after <= limit]).toEqual([bytes, true])
  })

  test('is done without by a limit of 0', async () => {
    await text(store)
    await new PreparedStore(store).setLimit(0)
    expect(files('.safetensors')).toEqual([])
    expect(await text(store)).toEqual(plain)
    await new PreparedStore(store).setLimit(undefined)
    expect(await text(store)).toEqual(prepared(plain.digest))
    await new PreparedStore(store).clear()
    expect(files('')).toEqual(['settings'])
  })

  /** Another process that makes the text encoder's session. */
  function beside(kill: 'kill' | 'live') {
    const script = `
      import { networksOf, predict } from '#test/prepared.ts'
      const [checkpoint, store, kill] = process.argv.slice(1)
      const networks = await networksOf(checkpoint)
      const loaded = async () => void (kill === 'kill' && process.kill(process.pid, 'SIGKILL'))
      process.stdout.write((await predict(networks['text encoder'], store, loaded)).digest)`
    return spawn(process.execPath, ['--input-type=module', '--eval', script, checkpoint, store, kill])
  }
  const printed = async (child: ReturnType<typeof beside>) => {
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    await once(child, 'close')
    return output
  }

  test('whose writer was killed is swept and filled by the next', async () => {
    expect(await printed(beside('kill'))).toBe('')
    expect(files('.json')).toEqual([])
    const torn = only('.safetensors')
    expect(await text(store)).toEqual(prepared(plain.digest))
    expect(only('.safetensors')).not.toBe(torn)
  })

  test('is filled by two processes at once', async () => {
    const children = [beside('live'), beside('live')]
    expect(await Promise.all(children.map(printed))).toEqual([plain.digest, plain.digest])
    expect(files('.json')).toHaveLength(1)
    expect(await text(store)).toEqual(prepared(plain.digest))
    // those of processes that have ended are swept by the next that adds a set
    await predict(networks['VAE decoder'], store)
    expect(files('.safetensors')).toHaveLength(2)
  })
})
