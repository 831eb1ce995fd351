import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { readGolden } from '../goldens.ts'

/** SwiftShader, a Vulkan device on the processor, and its loader, from Debian's `chromium`. */
const folder = '/usr/lib/chromium'
const driver = join(folder, 'vk_swiftshader_icd.json')

test('the UNet on WebGPU gives the prediction of diffusers', async ({ skip }) => {
  skip(!existsSync(driver), `${driver} is missing (apt-get install chromium)`)
  const program = fileURLToPath(new URL('webgpu-unet.ts', import.meta.url))
  const env = { ...process.env, VK_DRIVER_FILES: driver, LD_LIBRARY_PATH: folder, XDG_RUNTIME_DIR: tmpdir() }
  const { stdout } = await promisify(execFile)(process.execPath, [program], { env })
  const { tolerance } = readGolden<{ readonly tolerance: number }>('lora').json
  expect(Number.parseFloat(stdout)).toBeLessThan(tolerance)
}, 120_000)
