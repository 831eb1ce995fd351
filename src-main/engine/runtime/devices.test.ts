import { expect, test } from 'vitest'
import { chooseDevice, cudaOptions, listDevices } from './devices.ts'

test('the CUDA provider gets its options as the C API takes them', () => {
  const always = { prefer_nhwc: '1', arena_extend_strategy: 'kSameAsRequested' }
  expect(cudaOptions({})).toEqual(always)
  expect(cudaOptions({ LATENT_LOOM_GPU_MEMORY: '5.5' })).toEqual({ ...always, gpu_mem_limit: '5905580032' })
  for (const wrong of ['', 'much', '-1', '0']) expect(cudaOptions({ LATENT_LOOM_GPU_MEMORY: wrong })).toEqual(always)
})

test('the processor is always there, and a device says what it lacks', () => {
  const devices = listDevices()
  expect(devices.find(({ name }) => name === 'cpu')).toMatchObject({ available: true })
  for (const { name, available } of devices) {
    if (!available && name !== 'auto') expect(() => chooseDevice(name)).toThrow(/is not there/)
  }
  expect(chooseDevice('cpu').sessionOptions('/', 'basic').providers).toEqual([{ name: 'cpu' }])
})
