import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'

/** A Vulkan device on the processor. */
interface Adapter {
  readonly name: string
  readonly driver: string
  readonly precisions: readonly ('float32' | 'float16')[]
  readonly env?: Readonly<Record<string, string>>
}

/** SwiftShader and its loader, from Debian's `chromium`. */
const chromium = '/usr/lib/chromium'

/** The better ones first: SwiftShader has no half precision, and WebGPU refuses lavapipe before Mesa 25. */
const adapters: readonly Adapter[] = [
  { name: 'lavapipe', driver: '/usr/share/vulkan/icd.d/lvp_icd.json', precisions: ['float16', 'float32'] },
  {
    name: 'SwiftShader',
    driver: join(chromium, 'vk_swiftshader_icd.json'),
    precisions: ['float32'],
    env: { LD_LIBRARY_PATH: chromium },
  },
]

function isUsable({ name, driver }: Adapter): boolean {
  if (!existsSync(driver)) return false
  const { ICD } = JSON.parse(readFileSync(driver, 'utf8')) as { ICD: { api_version: string } }
  const [major = 0, minor = 0] = ICD.api_version.split('.').map(Number)
  return name !== 'lavapipe' || major > 1 || minor >= 4
}

const adapter = adapters.find(isUsable)
/** Those that take minutes on a software adapter. */
const slow = process.env.LATENT_LOOM_ALL_GOLDENS === '1'

/** Bounds of the largest difference. In half precision the products of WebGPU's kernels are summed in it too. */
const bounds: Readonly<Record<string, Readonly<Record<'float32' | 'float16', number>>>> = {
  'unet-small': { float32: 2e-4, float16: 0.06 },
  'taesd-decoder': { float32: 1e-5, float16: 0.02 },
  'clip-l': { float32: 2e-4, float16: 0.02 },
  ...(slow && {
    'openclip-g': { float32: 2e-4, float16: 0.02 },
    'unet-sdxl': { float32: 2e-4, float16: 0.06 },
    'unet-sd15': { float32: 2e-4, float16: 0.08 },
    'unet-lcm-w': { float32: 2e-4, float16: 0.08 },
    'unet-ssd1b': { float32: 2e-4, float16: 0.08 },
    'vae-encoder': { float32: 2e-4, float16: 2e-4 },
  }),
}

/** Networks whose sessions do without the processor. Text encoders do not: WebGPU casts no token ids. */
const whole = ['unet-small', 'unet-sdxl', 'taesd-decoder', 'vae-encoder', 'vae decoder-outer']

/** What a program beside this file prints, a line of JSON for each name. */
async function resultsOf(program: URL, ...args: readonly string[]): Promise<readonly (readonly [string, unknown])[]> {
  const env = { ...process.env, VK_DRIVER_FILES: adapter?.driver, XDG_RUNTIME_DIR: tmpdir(), ...adapter?.env }
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(program), ...args], { env })
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

/** Levels of 256 on average that a picture in half precision may differ from the processor's. */
const levels = 2

describe.runIf(adapter && slow)(`pictures of WebGPU on ${adapter?.name}`, () => {
  test('of each family, with live strengths and by a tiled VAE are near those of the processor', async () => {
    const distances = await resultsOf(new URL('webgpu-pictures.ts', import.meta.url))
    expect(distances.map(([name]) => name)).toEqual([
      'Stable Diffusion 1',
      'live strengths',
      'tiled VAE',
      'numbers beyond half precision',
      'Stable Diffusion XL',
    ])
    for (const [name, distance] of distances) expect(distance, name).toBeLessThan(levels)
  }, 1_800_000)
})

test.runIf(adapter)('numbers beyond half precision give the picture of the processor', async () => {
  const [[, distance] = []] = await resultsOf(
    new URL('webgpu-pictures.ts', import.meta.url),
    'numbers beyond half precision',
  )
  expect(distance).toBeLessThan(levels)
})

describe.runIf(adapter)(`WebGPU on ${adapter?.name}`, () => {
  describe.each(slow ? (adapter?.precisions ?? []) : (adapter?.precisions.slice(0, 1) ?? []))('in %s', (precision) => {
    const results = new Map<string, unknown>()

    beforeAll(async () => {
      const names = [...whole.map((name) => `kernels of ${name}`), ...Object.keys(bounds)]
      const program = new URL('webgpu-networks.ts', import.meta.url)
      for (const [name, result] of await resultsOf(program, precision, ...names)) results.set(name, result)
    }, 900_000)

    test.each(whole)('%s has all its kernels', (name) => {
      expect(results.get(`kernels of ${name}`)).toBe('all')
    })

    test.each(Object.entries(bounds))('%s is near its golden', (name, bound) => {
      expect(results.get(name)).toBeLessThan(bound[precision])
    })
  })
})

test('there is a software adapter', ({ skip }) => {
  skip(!adapter, 'neither lavapipe of Mesa 25 nor SwiftShader is there (apt-get install chromium)')
})
