import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { tryLock } from '#engine/files/file-lock.ts'
import { CudaSetup, fetchedCuda, offeredCuda } from '#main/setup/cuda-setup.ts'
import { cudaWheels } from '#main/setup/cuda-wheels.ts'
import { CudaRegistry } from '#test/cuda-registry.ts'
import { temporaryFolder } from '#test/golden-networks.ts'

const libraries = [
  'libcublas.so.13',
  'libcublasLt.so.13',
  'libcudnn.so.9',
  'libcudnn_ops.so.9',
  'libonnxruntime.so.1.30.0',
  'libonnxruntime_providers_cuda.so',
  'libonnxruntime_providers_shared.so',
]
const licences = [
  'nvidia-cublas-License.txt',
  'nvidia-cudnn-cu13-License.txt',
  'onnxruntime-gpu-LICENSE',
  'onnxruntime-gpu-ThirdPartyNotices.txt',
]

let registry: CudaRegistry
let folder: string
let setup: CudaSetup
beforeEach(async () => {
  registry = await CudaRegistry.start()
  folder = join(temporaryFolder(), 'cuda')
  setup = setupFrom(registry.index)
})
afterEach(() => registry.stop())

const setupFrom = (index: string) => new CudaSetup(folder, { wheels: registry.wheels, index, pause: 1 })
const fetchAll = () => setup.fetch('13', new AbortController().signal, () => registry.breakOff())
const unpacked = () => readdirSync(join(folder, 'libraries')).sort()
const partOf = (place: number) => join(folder, 'downloads', `${registry.wheels[13][place]?.file}.part`)

describe('the libraries of CUDA', () => {
  it('are listed before anything is fetched', async () => {
    const state = await setup.state('13')
    expect(state.wheels.map(({ project, isThere }) => [project, isThere])).toEqual([
      ['onnxruntime-gpu', false],
      ['nvidia-cublas', false],
      ['nvidia-cudnn-cu13', false],
    ])
    expect(state.missing).toBe(registry.wheels[13].reduce((sum, { bytes }) => sum + bytes, 0))
    expect(state.isReady).toBe(false)
    expect(registry.asked).toEqual([])
    expect(existsSync(folder)).toBe(false)
  })

  it('come with their licences, side by side, and the wheels go', async () => {
    const told: string[] = []
    const { isReady, missing } = await setup.fetch('13', new AbortController().signal, ({ part, arrived, total }) => {
      expect(arrived).toBeLessThanOrEqual(total)
      told.push(part)
    })
    expect({ isReady, missing }).toEqual({ isReady: true, missing: 0 })
    expect(unpacked()).toEqual([...libraries, ...licences].sort())
    expect(told).toContain('download')
    expect(existsSync(join(folder, 'downloads'))).toBe(false)
  })

  it('are not fetched again', async () => {
    await fetchAll()
    registry.asked.length = 0
    await fetchAll()
    expect(registry.asked).toEqual([])
  })

  it('are fetched again where somebody has cut a file short', async () => {
    await fetchAll()
    truncateSync(join(folder, 'libraries', 'libcudnn.so.9'), 5)
    expect((await setup.state('13')).isReady).toBe(false)
    registry.asked.length = 0
    expect((await fetchAll()).isReady).toBe(true)
    expect(registry.asked).toEqual(['nvidia_cudnn_cu13'])
  })

  it('go when they are removed, and what somebody else laid there stays', async () => {
    await fetchAll()
    writeFileSync(join(folder, 'libmine.so'), '')
    await setup.remove()
    expect(readdirSync(folder)).toEqual(['libmine.so'])
    expect((await setup.state('13')).isReady).toBe(false)
    // nothing is there
    await setup.remove()
  })

  it('leave no folder behind', async () => {
    await fetchAll()
    await setup.remove()
    expect(existsSync(folder)).toBe(false)
  })

  it('of another version of CUDA take their place', async () => {
    await setup.fetch('12', new AbortController().signal, () => {})
    expect(await fetchAll()).toMatchObject({ isReady: true })
    expect((await setup.state('12')).isReady).toBe(false)
    expect(unpacked()).toEqual([...libraries, ...licences].sort())
  })
})

describe('a download', () => {
  it('goes on after each break, where it ended', async () => {
    registry.faults.breaks = [30_000, 50_000]
    await fetchAll()
    const [first, second, third] = registry.asked
    expect([first, second?.split(' ')[0], third?.split(' ')[0]]).toEqual(Array(3).fill('onnxruntime_gpu'))
    const [from, later] = [second, third].map((each) => Number(/ (\d+)-$/.exec(each ?? '')?.[1]))
    expect(from).toBeGreaterThan(0)
    expect(later).toBeGreaterThan(from ?? 0)
  })

  it('that was stopped goes on in the next start', async () => {
    const controller = new AbortController()
    const stopped = setup.fetch('13', controller.signal, ({ arrived }) => {
      if (arrived > 20_000) controller.abort()
    })
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' })
    const { wheels } = await setup.state('13')
    expect(wheels[0]?.arrived).toBeGreaterThan(0)
    registry.asked.length = 0
    // as another process would
    setup = setupFrom(registry.index)
    expect((await fetchAll()).isReady).toBe(true)
    expect(registry.asked[0]).toMatch(/^onnxruntime_gpu( \d+-)?$/)
  })

  it('is begun anew by a server that knows no ranges', async () => {
    registry.faults.breaks = [30_000]
    registry.faults.isWhole = true
    expect((await fetchAll()).isReady).toBe(true)
  })

  it('waits for a server that is busy', async () => {
    registry.faults.statuses = [503, 429]
    expect((await fetchAll()).isReady).toBe(true)
  })

  it('ends with what the server says when that will not change', async () => {
    registry.faults.statuses = [403]
    await expect(fetchAll()).rejects.toMatchObject({ code: 'not-found', message: expect.stringContaining('403') })
  })

  it('begun with other bytes is begun anew, once', async () => {
    mkdirSync(join(folder, 'downloads'), { recursive: true })
    writeFileSync(partOf(0), Buffer.alloc(1000, 7))
    expect((await fetchAll()).isReady).toBe(true)
    // longer than the file is
    await setup.remove()
    mkdirSync(join(folder, 'downloads'), { recursive: true })
    writeFileSync(partOf(0), Buffer.alloc(1_000_000, 7))
    expect((await fetchAll()).isReady).toBe(true)
  })

  it('with another checksum is refused, and nothing of it stays', async () => {
    registry.faults.isDamaged = true
    await expect(fetchAll()).rejects.toMatchObject({ code: 'mismatch', message: expect.stringContaining('SHA-256') })
    expect(existsSync(partOf(0))).toBe(false)
    expect(unpacked()).toEqual([])
  })

  it('is not begun if the index lists another checksum', async () => {
    const [wheel, ...others] = registry.wheels[13]
    if (!wheel) throw new Error('There is no wheel.')
    const wheels = { 12: [], 13: [{ ...wheel, sha256: '0'.repeat(64) }, ...others] }
    const strict = new CudaSetup(folder, { wheels, index: registry.index, pause: 1 })
    await expect(strict.fetch('13', new AbortController().signal, () => {})).rejects.toMatchObject({ code: 'mismatch' })
    expect(registry.asked).toEqual([])
  })

  it('without a network says so, and keeps what it has', async () => {
    registry.faults.breaks = [30_000]
    const controller = new AbortController()
    await setup.fetch('13', controller.signal, () => controller.abort()).catch(() => {})
    const { index } = registry
    await registry.stop()
    setup = setupFrom(index)
    await expect(fetchAll()).rejects.toMatchObject({
      code: 'io',
      message: expect.stringMatching(/Cannot fetch from 127\.0\.0\.1:\d+: ECONNREFUSED/),
      hint: expect.stringContaining('goes on there'),
    })
    expect((await setup.state('13')).wheels[0]?.arrived).toBeGreaterThan(0)
  })

  it('needs an index, not the login page of a hotel', async () => {
    setup = setupFrom(registry.index.replace('/simple', '/packages'))
    await expect(fetchAll()).rejects.toMatchObject({ code: 'not-found' })
  })
})

it('is done by one process at a time', async () => {
  mkdirSync(folder, { recursive: true })
  const lock = tryLock(join(folder, 'setup.lock'))
  await expect(fetchAll()).rejects.toMatchObject({ code: 'conflict' })
  lock?.release()
  expect((await fetchAll()).isReady).toBe(true)
})

it('finishes what was fetched and not unpacked before the process died', async () => {
  await fetchAll()
  const mark = join(folder, 'wheels.json')
  const { cuda, wheels } = JSON.parse(readFileSync(mark, 'utf8'))
  const [first = ''] = Object.keys(wheels)
  delete wheels[first]
  writeFileSync(mark, JSON.stringify({ cuda, wheels }))
  expect((await setup.state('13')).isReady).toBe(false)
  expect((await fetchAll()).isReady).toBe(true)
})

it.skipIf(process.platform === 'win32')('tells a folder that cannot be made', async () => {
  writeFileSync(folder, '')
  await expect(fetchAll()).rejects.toMatchObject({ code: 'io', message: expect.stringContaining(folder) })
})

it('pins the version of ONNX Runtime that everything else is tested with', () => {
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string }
  const pinned = Object.values(cudaWheels[13]).map(([first]) => `${first?.project} ${first?.version}`)
  expect(pinned).toEqual(Array(3).fill(`onnxruntime-gpu ${version}`))
})

describe.runIf(offeredCuda.includes('13'))('an engine', () => {
  const mark = (files: readonly string[]) => {
    mkdirSync(folder, { recursive: true })
    const wheels = Object.fromEntries(files.map((file) => [file, []]))
    writeFileSync(join(folder, 'wheels.json'), JSON.stringify({ cuda: '13', wheels }))
  }
  const pinned = (cudaWheels[13][`${process.platform}-${process.arch}`] ?? []).map(({ file }) => file)

  it('finds the libraries once all of them are there', () => {
    expect(fetchedCuda(folder)).toBeUndefined()
    mark(pinned.slice(1))
    expect(fetchedCuda(folder)).toBeUndefined()
    mark(pinned)
    expect(fetchedCuda(folder)).toBe(join(folder, 'libraries'))
  })

  it('does without those of another version of the program, and with a broken mark', () => {
    mark(pinned.map((file) => file.replace('onnxruntime_gpu-1', 'onnxruntime_gpu-0')))
    expect(fetchedCuda(folder)).toBeUndefined()
    writeFileSync(join(folder, 'wheels.json'), '{"cuda": "13"')
    expect(fetchedCuda(folder)).toBeUndefined()
  })
})
