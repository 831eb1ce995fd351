import { homedir } from 'node:os'
import { expect, it } from 'vitest'
import { pathNames } from './path-names.ts'

const names = pathNames(['/srv/loom/data', '/srv/my models', '/srv/loom'])

it.each([
  [
    'Cannot read /srv/loom/data/workflows/fox.loom.json: it is a pipe.',
    'Cannot read workflows/fox.loom.json: it is a pipe.',
  ],
  ['/srv/my models/sd/fox one.safetensors: The header', 'sd/fox one.safetensors: The header'],
  [
    'in none of these folders: /srv/loom/data, /srv/my models, /srv/loom.',
    'in none of these folders: data, my models, loom.',
  ],
  ['Cannot write /mnt/nas/art/fox.loom.json: the drive is full.', 'Cannot write fox.loom.json: the drive is full.'],
  [`${homedir()}/x/fox.png is there already.`, 'x/fox.png is there already.'],
  ['C:\\Users\\me\\fox.png was changed', 'fox.png was changed'],
  ['See https://example.org/a/b/c and 1/2 and and/or.', 'See https://example.org/a/b/c and 1/2 and and/or.'],
  ['unet/diffusion_pytorch_model.safetensors is missing', 'unet/diffusion_pytorch_model.safetensors is missing'],
  ['expected "/" here', 'expected "/" here'],
])('no server path in an answer: %s', (text, told) => {
  expect(names(text)).toBe(told)
})
