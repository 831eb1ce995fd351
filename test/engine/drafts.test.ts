import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { RunEvent } from '#core/protocol/messages.ts'
import { createEngine } from '#engine/create-engine.ts'
import { EngineRunner, labels, rewired, template } from '../engine-runner.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { smallModels } from '../small-models.ts'
import { writeTensors } from '../tensor-file.ts'
import { tinyTensors } from '../tiny-autoencoder.ts'

/** A folder of models with a tiny autoencoder where other programs keep theirs. */
function modelsWith(name: string, half?: 'encoder' | 'decoder'): string {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'vae_approx'))
  writeTensors(join(folder, 'vae_approx', name), tinyTensors(half))
  return folder
}

/** The shipped template with another VAE than the checkpoint's. */
function withVae(file: string): string {
  const document = JSON.parse(template('lcm-lora'))
  document.nodes.draft = { type: 'vae-loader', version: 1, at: [0, 0], inputs: { file } }
  return rewired(JSON.stringify(document), { 'decode.vae': '-> draft.vae' })
}

describe('a tiny autoencoder as VAE', () => {
  test('decodes what was drawn', async () => {
    const runner = new EngineRunner(smallModels(), modelsWith('taesd_decoder.safetensors', 'decoder'))
    const { images, events } = await runner.run(withVae('vae_approx/taesd_decoder.safetensors'), {
      set: { steps: '1' },
    })
    await runner.close()
    expect(images.map(({ width, height }) => [width, height])).toEqual([[128, 128]])
    expect(labels({ events }, 'decode')).toEqual(['VAE decoder of taesd_decoder.safetensors'])
  })

  test('is refused where its file lacks the half that is needed', async () => {
    const runner = new EngineRunner(smallModels(), modelsWith('taesd_encoder.safetensors', 'encoder'))
    const { error } = await runner.failure(withVae('taesd_encoder.safetensors'), { set: { steps: '1' } })
    await runner.close()
    expect(error.code).toBe('mismatch')
    expect(error.message).toContain('holds the encoder of a tiny autoencoder alone')
  })
})

describe('previews that a tiny autoencoder is to decode', () => {
  async function preview(...models: readonly string[]) {
    const engine = createEngine({ models: [smallModels(), ...models] })
    const events: RunEvent[] = []
    await engine.run(
      {
        document: template('lcm-lora'),
        folders: [],
        overrides: [{ name: 'steps', value: '2' }],
        outputFolder: temporaryFolder(),
        device: 'cpu',
        previews: true,
        decodedPreviews: true,
        verify: true,
      },
      (event) => events.push(event),
      new AbortController().signal,
    )
    await engine.close()
    const sizes = events.flatMap((event) => (event.type === 'preview' ? [[event.width, event.rgb.length / 3]] : []))
    return { sizes, warnings: events.flatMap((event) => (event.type === 'warning' ? [event.error.message] : [])) }
  }

  test('have the size of the picture', async () => {
    const { sizes, warnings } = await preview(modelsWith('taesd_decoder.safetensors', 'decoder'))
    expect(sizes).toEqual([
      [128, 128 * 128],
      [128, 128 * 128],
    ])
    expect(warnings).toEqual([])
  })

  test('are coloured, with a warning, where there is none for the family', async () => {
    const { sizes, warnings } = await preview(modelsWith('taesdxl_decoder.safetensors', 'decoder'))
    expect(sizes).toEqual([
      [16, 16 * 16],
      [16, 16 * 16],
    ])
    expect(warnings).toEqual([expect.stringContaining('no model folder has vae_approx/taesd_decoder.safetensors')])
  })
})

test('a picture is decoded in tiles where the node says so, and only then', async () => {
  const runner = new EngineRunner(smallModels())
  const set = { steps: '1', 'decode.tile': '128' }
  const whole = await runner.run(template('lcm-lora'), { set })
  const tiled = await runner.run(template('lcm-lora'), { set: { ...set, 'decode.tiling': 'on' } })
  await runner.close()
  expect(labels(whole, 'decode')).toEqual(['VAE decoder of emoji-tiny.safetensors'])
  expect(labels(tiled, 'decode')).toEqual(['outer VAE decoder of emoji-tiny.safetensors'])
})
