import { expect, test } from 'vitest'
import { memoryOf } from './device-memory.ts'

const gibibyte = 2 ** 30
const none = { vendor: '', model: '', vram: null, vramDynamic: false } as const
const machine = { platform: 'linux', adapters: [], system: 16 * gibibyte, environment: {} } as const

test('a card of NVIDIA has what nvidia-smi says, and no more than what is free', () => {
  const card = { ...none, vendor: 'NVIDIA', model: 'RTX 3060', memoryTotal: 12_288 }
  const of = (adapter: typeof card & { memoryFree?: number }) => memoryOf('cuda', { ...machine, adapters: [adapter] })
  expect(of(card)).toEqual({ total: 12 * gibibyte, budget: 0.9 * 12 * gibibyte, why: 'nvidia-smi on RTX 3060' })
  expect(of({ ...card, memoryFree: 2048 }).budget).toBe(2 * gibibyte)
})

test('the window that lspci shows is not taken for the memory', () => {
  const adapters = [{ ...none, vendor: 'AMD', model: 'Navi 21', vram: 256 }]
  expect(memoryOf('webgpu', { ...machine, adapters })).toEqual({ why: 'nothing tells the memory of Navi 21' })
  expect(memoryOf('webgpu', { ...machine, adapters, amd: [0, 16 * gibibyte] }).total).toBe(16 * gibibyte)
  expect(memoryOf('webgpu', machine)).toEqual({ why: 'nothing tells it' })
})

test('of two cards on Windows, DirectML is given the smaller memory; graphics in the processor is unknown', () => {
  const adapters = [
    { ...none, model: 'Radeon', vram: 8192 },
    { ...none, model: 'Arc', vram: 16_384 },
    { ...none, model: 'UHD', vram: 128 },
  ]
  const windows = { ...machine, platform: 'win32', adapters } as const
  expect(memoryOf('dml', windows).total).toBe(8 * gibibyte)
  expect(memoryOf('webgpu', windows).total).toBe(16 * gibibyte)
  expect(memoryOf('dml', { ...windows, adapters: adapters.slice(2) })).toEqual({
    why: 'nothing tells the memory of UHD',
  })
})

test('Apple shares the memory of the system', () => {
  const adapters = [{ ...none, vendor: 'Apple', model: 'Apple M2', vramDynamic: true }]
  const { total, budget } = memoryOf('coreml', { ...machine, platform: 'darwin', adapters })
  expect([total, Math.round((budget ?? 0) / gibibyte)]).toEqual([16 * gibibyte, 11])
})

test('the artist has the last word, and the processor needs none', () => {
  const environment = { LATENT_LOOM_GPU_MEMORY: '5' }
  expect(memoryOf('webgpu', { ...machine, environment })).toMatchObject({ budget: 5 * gibibyte })
  expect(memoryOf('cpu', { ...machine, environment }).budget).toBeUndefined()
})
