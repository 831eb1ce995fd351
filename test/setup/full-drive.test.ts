import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { CudaSetup } from '#main/setup/cuda-setup.ts'
import { CudaRegistry } from '#test/cuda-registry.ts'
import { fault, noFault } from '#test/failing-fs.ts'
import { temporaryFolder } from '#test/golden-networks.ts'

vi.mock('node:fs/promises', async (original) => {
  const { failingFs } = await import('#test/failing-fs.ts')
  const real = await original<typeof import('node:fs/promises')>()
  return { ...failingFs(real), statfs: vi.fn(real.statfs) }
})

afterEach(noFault)

it.each([
  ['ENOSPC', /the drive is full/, 1],
  ['EACCES', /access is denied/, 7],
  ['EROFS', /read-only/, 7],
])('%s at any call is told, and the next time ends well', async (code, reason, step) => {
  const registry = await CudaRegistry.start()
  const { wheels, index } = registry
  const folder = join(temporaryFolder(), 'cuda')
  const setup = new CudaSetup(folder, { wheels, index, pause: 1 })
  const fetchAll = () => setup.fetch('12', new AbortController().signal, () => {})
  try {
    let failures = 0
    for (let failAt = 1; failAt < 200; failAt += step) {
      Object.assign(fault, { calls: 0, failAt, code })
      const error = await fetchAll().then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      const met = fault.calls >= failAt
      noFault()
      if (error !== undefined) {
        failures++
        expect(error).toMatchObject({ code: 'io', message: expect.stringMatching(reason) })
      }
      if (!met) break
      await setup.remove()
    }
    expect(failures).toBeGreaterThan(2)
    expect((await fetchAll()).isReady).toBe(true)
  } finally {
    await registry.stop()
  }
})

it('says before it begins that the drive has too little room', async () => {
  const { statfs } = await import('node:fs/promises')
  const registry = await CudaRegistry.start()
  try {
    const folder = temporaryFolder()
    mkdirSync(folder, { recursive: true })
    const drive = { ...(await statfs(folder)), bavail: 1, bsize: 4096 }
    vi.mocked(statfs).mockResolvedValueOnce(drive)
    const { wheels, index } = registry
    const setup = new CudaSetup(folder, { wheels, index })
    await expect(setup.fetch('13', new AbortController().signal, () => {})).rejects.toMatchObject({
      code: 'io',
      message: expect.stringContaining('too little room'),
    })
    expect(registry.asked).toEqual([])
  } finally {
    await registry.stop()
  }
})
