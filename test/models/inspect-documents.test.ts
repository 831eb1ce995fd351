import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { LoomError } from '#core/errors.ts'
import { inspectDocument } from '#engine/inspect-document.ts'
import { readDocumentFile } from '#main/cli/document-file.ts'
import { commentPlaces, textPlaces } from '../carrying-pictures.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { templateText } from '../workflow/documents.ts'

const folder = temporaryFolder()
function write(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

const graph = '{"nodes": [{"id": 1, "type": "KSampler"}], "links": []}'
const own = readFileSync(new URL('../documents/v1/lcm-lora.png', import.meta.url))
const png = (texts: Record<string, string>) => textPlaces['tEXt of a PNG']?.(texts) ?? Buffer.alloc(0)
const jpeg = (text: string) => commentPlaces['Exif of a JPEG, ASCII']?.(text) ?? Buffer.alloc(0)

describe('inspect tells what a picture carries and whose a workflow is', () => {
  it('a picture of another program', async () => {
    const text = `a fox\nSteps: 4, Version: v1.10.1${', x: y'.repeat(100)}`
    expect(await inspectDocument(write('a.jpg', jpeg(text)))).toMatchObject({
      kind: 'picture',
      format: 'jpg',
      is: 'a picture drawn with AUTOMATIC1111',
      program: 'AUTOMATIC1111',
      carries: [{ name: 'UserComment', characters: text.length, begins: text.slice(0, 200).replace('\n', ' ') }],
    })
    expect(await inspectDocument(write('comfy.png', png({ workflow: graph })))).toMatchObject({
      is: 'a picture drawn with ComfyUI',
      width: 1,
      height: 1,
      carries: [{ name: 'workflow', characters: graph.length }],
    })
  })

  it('a picture of ours, with its workflow', async () => {
    const found = await inspectDocument(write('own.png', own))
    expect(found).toMatchObject({ program: 'Latent Loom', width: 128, height: 128, workflow: { nodes: 8 } })
    expect(found?.carries?.map(({ name }) => name)).toEqual(['latent-loom', 'parameters'])
  })

  it('a picture of nobody, and one that is damaged', async () => {
    expect(await inspectDocument(write('plain.png', png({})))).toMatchObject({ is: 'a picture', carries: [] })
    const damaged = await inspectDocument(write('damaged.png', png({ 'latent-loom': '{"format": 1}' })))
    expect(damaged).toMatchObject({ program: 'Latent Loom', problem: { code: 'parse' } })
    expect(await inspectDocument(write('cut.png', png({}).subarray(0, 20)))).toMatchObject({ carries: [] })
  })

  it('a workflow, ours or of another program', async () => {
    expect(await inspectDocument(write('own.json', templateText('lcm-lora')))).toMatchObject({
      kind: 'workflow',
      is: 'a workflow of Latent Loom',
      workflow: { nodes: 8 },
    })
    expect(await inspectDocument(write('comfy.json', graph))).toMatchObject({
      is: 'a workflow of ComfyUI',
      problem: { code: 'unsupported' },
    })
    expect(
      await inspectDocument(write('newer.json', templateText('lcm-lora').replace('"version": 1', '"version": 9'))),
    ).toMatchObject({ is: 'a workflow of Latent Loom', problem: { message: expect.stringMatching(/version 9/) } })
    expect(await inspectDocument(write('broken.json', '{"format": "latent-loom",,'))).toMatchObject({
      is: 'a workflow of Latent Loom',
      problem: { message: expect.stringMatching(/line 1, column 26/) },
    })
  })

  it('leaves everything else to the reader of models', async () => {
    mkdirSync(join(folder, 'sub'))
    for (const [name, content] of [
      ['error.json', '{"error": "Access denied"}'],
      ['notes.txt', 'a fox'],
      ['a.safetensors', Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d)],
      ['empty', ''],
    ] as const) {
      expect(await inspectDocument(write(name, content))).toBeUndefined()
    }
    expect(await inspectDocument(join(folder, 'sub'))).toBeUndefined()
  })
})

describe('run names the program of what is not ours', () => {
  it.each([
    ['a.png', png({ workflow: graph }), /^The picture was drawn with ComfyUI, whose workflows are not read\.$/],
    ['b.jpg', jpeg('{"sui_image_params": {}}'), /^The picture was drawn with SwarmUI/],
    ['c.json', graph, /^The file comes from ComfyUI/],
    ['d.txt', 'a fox\nSteps: 4, Sampler: LCM, App: SD.Next', /^The file comes from SD\.Next/],
    ['e.png', png({}), /^The picture carries no workflow\.$/],
  ])('%s', async (name, content, says) => {
    const error = await readDocumentFile(write(name, content)).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'invalid', cause: [{ message: expect.stringMatching(says) }] })
    expect((error as { cause: LoomError[] }).cause[0]?.hint).toBeTruthy()
  })
})
