import { describe, expect, it } from 'vitest'
import { documentKeyword, insertPngTexts } from '#core/formats/png.ts'
import { encodeHeader } from '#core/formats/safetensors.ts'
import template from '../../../resources/templates/lcm-lora.loom.json'
import { readDroppedFile } from './read-file.ts'

const workflow = JSON.stringify(template)

/** One transparent pixel. */
const png = Uint8Array.from(
  atob('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='),
  (character) => character.charCodeAt(0),
)

const file = (name: string, ...parts: BlobPart[]) => new File(parts, name)

function safetensors(name: string, tensor: string): File {
  const header = encodeHeader([{ name: tensor, dtype: 'F16', shape: [2, 2] }], new Map())
  return file(name, new Uint8Array(header), new Uint8Array(8))
}

describe('readDroppedFile', () => {
  it('goes by the content, whatever the name says', async () => {
    expect(await readDroppedFile(file('a.txt', workflow))).toEqual({ kind: 'workflow', name: 'a.txt', text: workflow })
    expect(await readDroppedFile(file('b.safetensors', png))).toMatchObject({ kind: 'picture', workflow: undefined })
    const jpeg = file('c.png', new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 0]))
    expect(await readDroppedFile(jpeg)).toMatchObject({ kind: 'picture', name: 'c.png' })
    expect(await readDroppedFile(file('d', 'RIFF\n\n\n\nWEBPVP8 '))).toMatchObject({ kind: 'picture' })
  })

  it('finds the workflow that a picture carries', async () => {
    const carrying = insertPngTexts(png, new Map([[documentKeyword, workflow]]))
    expect(await readDroppedFile(file('fox.png', new Uint8Array(carrying)))).toMatchObject({
      kind: 'picture',
      workflow,
    })
  })

  it('keeps a picture whose workflow is damaged, and why it is', async () => {
    const carrying = insertPngTexts(png, new Map([[documentKeyword, workflow.slice(0, -20)]]))
    expect(await readDroppedFile(file('fox.png', new Uint8Array(carrying)))).toMatchObject({
      kind: 'picture',
      workflow: { name: 'LoomError', code: 'parse' },
    })
  })

  it.each([
    ['lora_unet_down_blocks_0_attentions_0_proj_in.lora_up.weight', 'an adapter (LoRA)'],
    ['unet.down_blocks.0.attentions.0.to_q.lora_A.weight', 'an adapter (LoRA)'],
    ['unet.down_blocks.0.attn1.processor.to_q_lora.up.weight', 'an adapter (LoRA)'],
    ['lora_unet_input_blocks_1.hada_w1_a', 'an adapter (LoHa)'],
    ['model.diffusion_model.input_blocks.0.0.weight', 'an SD1.x checkpoint'],
    ['first_stage_model.decoder.conv_in.weight', 'an SD1.x checkpoint'],
    ['decoder.conv_in.weight', 'a VAE alone'],
  ])('tells what a model with the tensor %s is: %s', async (tensor, is) => {
    const read = await readDroppedFile(safetensors('x.safetensors', tensor))
    expect(read).toMatchObject({ kind: 'model', name: 'x.safetensors', is })
  })

  it('reads no more of a model than its header', async () => {
    let most = 0
    class Watched extends File {
      override slice(start = 0, end = this.size): Blob {
        most = Math.max(most, end)
        return super.slice(start, end)
      }
    }
    const header = encodeHeader([{ name: 'model.diffusion_model.a', dtype: 'F16', shape: [1000, 1000] }], new Map())
    await readDroppedFile(new Watched([new Uint8Array(header), new Uint8Array(2_000_000)], 'large.safetensors'))
    expect(most).toBe(header.length)
  })

  it('refuses what it cannot use, naming it and what to do', async () => {
    const cut = safetensors('cut.safetensors', 'a').slice(0, 70)
    const bomb = new Uint8Array(await deflatedZeros(40_000_000))
    const refused: [File, string][] = [
      [file('empty.png'), 'unsupported'],
      [file('old.ckpt', Uint8Array.of(0x80, 2, 0x7d, 0x71)), 'parse'],
      [file('run.ckpt', Uint8Array.of(0x80, 2), 'cos\nsystem\n.'), 'unsupported'],
      [file('page.safetensors', '<!doctype html>'), 'unsupported'],
      [file('picture.gif', 'GIF89a'), 'unsupported'],
      [file('comfy.json', '{"last_node_id": 3}'), 'parse'],
      [file('broken.loom.json', workflow.slice(0, -20)), 'parse'],
      [file('cut.safetensors', cut), 'parse'],
      [file('bomb.png', png.slice(0, 33), zTXt(bomb), png.slice(33)), 'limit'],
    ]
    for (const [dropped, code] of refused) {
      const error = await readDroppedFile(dropped).catch((thrown: unknown) => thrown)
      expect(error, dropped.name).toMatchObject({ name: 'LoomError', code })
      expect(error).toHaveProperty('message', expect.stringContaining(dropped.name))
      expect(error).toHaveProperty('hint', expect.stringMatching(/\.$/))
    }
  })

  it('says so when a file is gone while it is read', async () => {
    class Gone extends File {
      override slice(): Blob {
        throw new DOMException('A requested file could not be found.', 'NotFoundError')
      }
    }
    await expect(readDroppedFile(new Gone([workflow], 'gone.loom.json'))).rejects.toMatchObject({
      code: 'io',
      message: 'gone.loom.json cannot be read.',
    })
  })
})

async function deflatedZeros(length: number): Promise<ArrayBuffer> {
  const stream = new Blob([new Uint8Array(length)]).stream().pipeThrough(new CompressionStream('deflate'))
  return new Response(stream).arrayBuffer()
}

/** A compressed text chunk under the keyword of workflows; its checksum is wrong, which is passed over. */
function zTXt(deflated: Uint8Array): Uint8Array<ArrayBuffer> {
  const keyword = new TextEncoder().encode(`zTXt${documentKeyword}\0\0`)
  const chunk = new Uint8Array(4 + keyword.length + deflated.length + 4)
  new DataView(chunk.buffer).setUint32(0, keyword.length - 4 + deflated.length)
  chunk.set(keyword, 4)
  chunk.set(deflated, 4 + keyword.length)
  return chunk
}
