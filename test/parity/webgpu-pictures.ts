import { renameSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { EngineRunner, embeddedModels, type RunSettings, template } from '../engine-runner.ts'
import { goldenCheckpoint, temporaryFolder } from '../golden-networks.ts'
import { writeLoudCheckpoint } from '../small-models.ts'

// node webgpu-pictures.ts prints a JSON line for each picture: how many levels of 256 WebGPU's differs from the
// processor's, on average. A program of its own, because a lost device ends its process.

const folder = temporaryFolder()
renameSync(goldenCheckpoint('pipeline-sdxl'), join(folder, 'sdxl.safetensors'))

writeLoudCheckpoint(join(folder, 'loud.safetensors'))

/** Pictures of each family, with what a graph of its own is made for. */
const pictures: Readonly<Record<string, readonly [document: string, settings: RunSettings]>> = {
  'Stable Diffusion 1': [template('lcm-lora'), {}],
  'live strengths': [template('style-and-lcm-lora'), { strengths: 'live' }],
  'tiled VAE': [template('lcm-lora'), { set: { 'decode.tile': '128', 'decode.tiling': 'on', 'latent.width': '192' } }],
  // without float32 in place of half precision, the run ends with an error
  'numbers beyond half precision': [
    template('lcm-lora'),
    { set: { 'checkpoint.file': 'loud.safetensors', 'lora.modelStrength': '0', 'scheduler.steps': '1' } },
  ],
  'Stable Diffusion XL': [
    template('sdxl'),
    {
      set: {
        'checkpoint.file': 'sdxl.safetensors',
        'latent.width': '64',
        'latent.height': '64',
        'scheduler.steps': '3',
        'sampler.guidance': '2',
      },
    },
  ],
}

const runner = new EngineRunner(embeddedModels, folder)

async function pixelsOn(device: RunSettings['device'], document: string, settings: RunSettings): Promise<Uint8Array> {
  const { images } = await runner.run(document, { ...settings, device, seed: '42' })
  return sharp(images[0]?.path).removeAlpha().raw().toBuffer()
}

const names = process.argv.slice(2)
for (const [name, [document, settings]] of Object.entries(pictures)) {
  if (names.length > 0 && !names.includes(name)) continue
  const ours = await pixelsOn('webgpu', document, settings)
  const expected = await pixelsOn('cpu', document, settings)
  const mean = expected.reduce((sum, level, at) => sum + Math.abs(level - (ours[at] ?? 0)), 0) / expected.length
  process.stdout.write(`${JSON.stringify([name, ours.length === expected.length ? mean : 256])}\n`)
}
// native destructors of a software adapter take seconds
process.exit()
