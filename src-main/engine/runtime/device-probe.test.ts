import { execFile } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { programFolder } from '#main/program.ts'
import { temporaryFolder } from '#test/golden-networks.ts'
import type { Provider } from '../onnx/passes/recipes.ts'
import { DeviceProbe, type ProbedMachine } from './device-probe.ts'

type Times = Partial<Record<Provider, number | Error>>

/** A machine with these devices, and what was measured on it. */
function machine(times: Times, about: Partial<ProbedMachine> = {}): ProbedMachine & { readonly measured: string[] } {
  const measured: string[] = []
  return {
    environment: {},
    isThere: (device) => times[device] !== undefined,
    identity: async () => 'one',
    async measure(device) {
      measured.push(device)
      const time = times[device]
      if (typeof time === 'number') return time
      throw time ?? new Error('not there')
    },
    measured,
    ...about,
  }
}

const automatic = async (times: Times) => {
  const { device, why } = await new DeviceProbe(undefined, machine(times)).automatic()
  return [device, why]
}

test('the first device that is faster than the processor is taken', async () => {
  const said = 'ms for a piece of a UNet that takes the processor 100 ms'
  expect(await automatic({ cpu: 100 })).toEqual(['cpu', 'there is no graphics card that it could use'])
  expect(await automatic({ cpu: 100, webgpu: 9 })).toEqual(['webgpu', `webgpu takes 9 ${said}`])
  expect(await automatic({ cpu: 100, webgpu: 900 })).toEqual(['cpu', `webgpu takes 900 ${said}`])
  expect(await automatic({ cpu: 100, cuda: 5, webgpu: 4 })).toEqual(['cuda', `cuda takes 5 ${said}`])
  const broken = new Error('CUDA failure 35\nat once')
  expect(await automatic({ cpu: 100, cuda: broken })).toEqual(['cpu', 'cuda cannot be used: CUDA failure 35'])
  expect((await automatic({ cpu: 100, cuda: broken, webgpu: 9 }))[0]).toBe('webgpu')
})

test('it is measured once for a machine, and anew for another driver', async () => {
  const folder = temporaryFolder()
  const measured = async (identity: string) => {
    const probed = machine({ cpu: 100, webgpu: 9 }, { identity: async () => identity })
    const probe = new DeviceProbe(folder, probed)
    expect((await Promise.all([probe.automatic(), probe.automatic()])).map(({ device }) => device)).toEqual([
      'webgpu',
      'webgpu',
    ])
    return probed.measured
  }
  expect(await measured('driver 1')).toEqual(['webgpu', 'cpu'])
  expect(await measured('driver 1')).toEqual([])
  expect(await measured('driver 2')).toEqual(['webgpu', 'cpu'])
  writeFileSync(join(folder, 'devices.json'), '{"machine":')
  expect(await measured('driver 2')).toEqual(['webgpu', 'cpu'])
})

test('a driver that ends the program is not tried again', async () => {
  const folder = temporaryFolder()
  await new Promise<void>((resolve) => {
    const measure = async () => {
      resolve()
      return new Promise<number>(() => {})
    }
    void new DeviceProbe(folder, machine({ cpu: 100, webgpu: 9 }, { measure })).automatic()
  })
  const next = machine({ cpu: 100, webgpu: 9 })
  expect(await new DeviceProbe(folder, next).automatic()).toEqual({
    device: 'cpu',
    why: 'webgpu cannot be used: its driver ended the program that tried it',
  })
  expect(next.measured).toEqual(['cpu'])
})

test('nothing is asked of a machine without a card, or where the artist has said it', async () => {
  const identity = () => Promise.reject(new Error('asked'))
  expect((await new DeviceProbe(undefined, machine({}, { identity })).automatic()).device).toBe('cpu')
  const environment = { LATENT_LOOM_DEVICE: 'webgpu' }
  expect((await new DeviceProbe(undefined, machine({ cuda: 1 }, { identity, environment })).automatic()).device).toBe(
    'webgpu',
  )
})

const lavapipe = '/usr/share/vulkan/icd.d/lvp_icd.json'

test.runIf(existsSync(lavapipe))('a software adapter is told from a card', async () => {
  const cache = temporaryFolder()
  const env = {
    ...process.env,
    LATENT_LOOM_DEVICE: '',
    VK_DRIVER_FILES: lavapipe,
    XDG_RUNTIME_DIR: cache,
    XDG_CACHE_HOME: cache,
  }
  const program = join(programFolder, 'bin', 'latent-loom.mjs')
  const { stdout } = await promisify(execFile)(process.execPath, [program, 'doctor', '--json'], { env })
  const report = JSON.parse(stdout)
  expect(report.automatic).toMatchObject({ device: 'cpu', why: expect.stringMatching(/^webgpu (takes|cannot)/) })
  const stored = JSON.parse(readFileSync(join(cache, 'latent-loom', 'devices.json'), 'utf8'))
  expect(Object.keys(stored.measured)).toEqual(['webgpu', 'cpu'])
})
