import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { readModelFiles } from '#engine/models/detect.ts'
import { temporaryFolder } from '../golden-networks.ts'

const folder = temporaryFolder()

it.each<[what: string, files: readonly string[], says: string, hint: RegExp]>([
  ['an empty folder', [], ' is an empty folder.', /Give the folder that holds/],
  [
    'a PEFT folder without weights',
    ['adapter_config.json', 'README.md'],
    ' has the settings of a PEFT adapter (adapter_config.json) and no adapter_model.safetensors.',
    /large files/,
  ],
  [
    'a PEFT folder whose weights have another name',
    ['adapter_config.json', 'lora.safetensors'],
    ' has the settings of a PEFT adapter (adapter_config.json) and no adapter_model.safetensors. It has lora.safetensors.',
    /one of these files/,
  ],
  [
    "a network's folder without weights",
    ['config.json'],
    ' has the config of a network (config.json) and no diffusion_pytorch_model.safetensors (or model.safetensors).',
    /large files/,
  ],
  [
    'a model without its UNet',
    ['model_index.json', 'vae/config.json'],
    ' has no unet/diffusion_pytorch_model.safetensors.',
    /Give the folder that holds model_index\.json/,
  ],
  [
    'a folder of checkpoints',
    ['a.safetensors', 'b.ckpt', 'c.pt', 'd.bin', 'readme.txt'],
    ' has no unet/diffusion_pytorch_model.safetensors. It has a.safetensors, b.ckpt, c.pt and 1 more.',
    /one of these files/,
  ],
])('%s says what is missing', async (_, files, says, hint) => {
  const at = mkdtempSync(join(folder, 'model-'))
  for (const file of files) {
    mkdirSync(dirname(join(at, file)), { recursive: true })
    writeFileSync(join(at, file), '{}')
  }
  await expect(readModelFiles(at)).rejects.toMatchObject({
    code: 'not-found',
    message: `${at}${says}`,
    hint: expect.stringMatching(hint),
  })
})
