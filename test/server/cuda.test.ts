import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createCudaRoutes } from '#main/server/cuda.ts'
import { CudaSetup, offeredCuda } from '#main/setup/cuda-setup.ts'
import { CudaRegistry } from '#test/cuda-registry.ts'
import { temporaryFolder } from '#test/golden-networks.ts'

const given = { body: {}, id: '' }

describe.runIf(offeredCuda.includes('13'))('the routes that set up CUDA', () => {
  let registry: CudaRegistry
  let folder: string
  const changed = vi.fn()
  const routes = (index: string, cards = [{ name: 'a card', driver: '580.1', computeCapability: 8.9 }]) =>
    createCudaRoutes(new CudaSetup(folder, { wheels: registry.wheels, index, pause: 1 }), changed, async () => cards)
      .handlers
  beforeEach(async () => {
    registry = await CudaRegistry.start()
    folder = join(temporaryFolder(), 'cuda')
    changed.mockClear()
  })
  afterEach(() => registry.stop())

  it('list, fetch and remove', async () => {
    const { cudaSetup, fetchCuda, removeCuda } = routes(registry.index)
    const before = await cudaSetup(given)
    expect(before).toMatchObject({ cuda: '13', isReady: false })
    expect(before.wheels[2]).toMatchObject({ project: 'nvidia-cudnn-cu13', licence: { name: 'NVIDIA cuDNN' } })
    expect(before.missing).toBeGreaterThan(0)
    await fetchCuda(given)
    await vi.waitFor(async () => expect((await cudaSetup(given)).isReady).toBe(true), 20_000)
    await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(1))
    expect((await cudaSetup(given)).progress).toBeUndefined()
    await removeCuda(given)
    expect(changed).toHaveBeenCalledTimes(2)
    expect(existsSync(folder)).toBe(false)
  })

  it('stop, and tell how far it is', async () => {
    registry.faults.breaks = [30_000]
    const { cudaSetup, fetchCuda, stopCuda } = routes(registry.index)
    await fetchCuda(given)
    await vi.waitFor(async () => expect((await cudaSetup(given)).progress?.arrived).toBeGreaterThan(0), 20_000)
    await stopCuda(given)
    await vi.waitFor(async () => expect((await cudaSetup(given)).progress).toBeUndefined(), 20_000)
    expect(await cudaSetup(given)).not.toHaveProperty('error')
    expect(changed).not.toHaveBeenCalled()
  })

  it('tell why nothing was fetched', async () => {
    registry.faults.isDamaged = true
    const { cudaSetup, fetchCuda } = routes(registry.index)
    await fetchCuda(given)
    await vi.waitFor(async () => expect((await cudaSetup(given)).error?.code).toBe('mismatch'), 20_000)
  })

  it('say that there is no card', async () => {
    const { cudaSetup, fetchCuda } = routes(registry.index, [])
    expect((await cudaSetup(given)).none).toMatch(/No graphics card/)
    await fetchCuda(given)
    expect(registry.asked).toEqual([])
  })
})
