import { existsSync, readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LoomError } from '#core/errors.ts'
import { describeDocument, readDocument } from '#engine/files/document.ts'
import { commentPlaces, exif, labelled, madeWith, textPlaces } from '#test/carrying-pictures.ts'
import { cpuTime } from '#test/cpu-time.ts'
import { errorOf } from '#test/workflow/documents.ts'
import { exifTexts } from './exif.ts'

const settings = 'a fox\nNegative prompt: bad\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512'
const graph = JSON.stringify({ last_node_id: 1, nodes: [{ id: 1, type: 'KSampler' }], links: [], version: 0.4 })
const prompt = '{"3": {"class_type": "KSampler", "inputs": {"seed": 1, "x": NaN}}}'
const invoke = JSON.stringify({ name: 'w', nodes: [{ id: 'a', type: 'invocation', data: {} }], edges: [] })

/** Texts of pictures: names and values are those that each program writes. */
const inTexts: Record<string, Readonly<Record<string, string>>[]> = {
  NovelAI: [
    { Software: 'NovelAI', Comment: '{}' },
    { Title: 'NovelAI generated image' },
    { Source: 'NovelAI Diffusion V4' },
  ],
  InvokeAI: [
    { invokeai_metadata: '{}' },
    { invokeai_graph: '{}', invokeai_workflow: invoke },
    { 'sd-metadata': '{}', Dream: '"a fox" -s 50' },
  ],
  SwarmUI: [{ parameters: '{"sui_image_params": {"prompt": "a"}}', prompt }],
  'Stability Matrix': [{ 'parameters-json': '{}', parameters: `${settings}, Version: v1.1`, smproj: '{}', prompt }],
  'Tensor.Art': [{ generation_data: '{}\0', prompt }],
  RuinedFooocus: [{ parameters: '{"Prompt": "a", "software": "RuinedFooocus"}' }],
  Fooocus: [{ parameters: '{"base_model": "x", "performance": "Speed"}', fooocus_scheme: 'fooocus' }],
  'Easy Diffusion': [{ use_stable_diffusion_model: 'sd-v1-5', prompt: 'a fox' }],
  Midjourney: [{ Description: 'a fox --v 6 Job ID: 01234567-89ab-cdef-0123-456789abcdef', Author: 'somebody' }],
  'a Hugging Face Space': [{ parameters: '{"Model": "x", "resolution": "1 x 1", "num_inference_steps": 4}' }],
  ComfyUI: [
    { prompt, workflow: graph },
    { workflow: graph },
    { prompt },
    { prompt, workflow: graph, parameters: settings },
  ],
}

const version = (value: string) => `${settings}, Version: ${value}, RNG: CPU`

/** The one text of a picture, as programs write it into Exif, XMP and comments. */
const inComments: Record<string, string[]> = {
  NovelAI: [
    '{"Comment": "{}", "Software": "NovelAI"}',
    '{"prompt": "a", "uncond_scale": 0, "noise_schedule": "karras"}',
  ],
  InvokeAI: ['{"invokeai_metadata": {"app_version": "4"}}', '{"app_version": "3.0", "generation_mode": "txt2img"}'],
  SwarmUI: ['{"sui_image_params": {"prompt": "a"}}'],
  Fooocus: [version('Fooocus v2.5.5'), '{"base_model": "x", "performance": "Speed", "version": "Fooocus v2.4.3"}'],
  RuinedFooocus: ['{"software": "RuinedFooocus"}'],
  'Easy Diffusion': ['{"use_stable_diffusion_model": "sd-v1-5"}'],
  Civitai: [
    `${settings}, Created Date: 2026, Civitai resources: [{"type":"checkpoint"}], Civitai metadata: {}`,
    '{"resource-stack": {"class_type": "x", "inputs": {}}, "extra": {"airs": []}, "extraMetadata": "{}"}',
  ],
  'Mochi Diffusion': ['Include in Image: a; Steps: 4; Generator: Mochi Diffusion 5.2'],
  ComfyUI: [`{"prompt": ${prompt}, "workflow": ${graph}}`, prompt, graph, version('ComfyUI')],
  'SD.Next': [`${settings}, App: SD.Next, Version: 56a8aea, Pipeline: X`, `${settings}, Backend: Diffusers`],
  'stable-diffusion.cpp': [version('stable-diffusion.cpp')],
  EasyReforge: [version('f1.3.0-v1.10.1RC-latest-1038-g19395bf9')],
  reForge: [version('f1.0.0v2-v1.10.1RC-latest-2498-g5120e679')],
  'Forge Classic': [version('classic')],
  'Forge Neo': [version('neo')],
  Forge: [version('f2.0.1v1.10.1-previous-669-gdfdcbab6')],
  AUTOMATIC1111: [version('v1.10.1')],
  'AUTOMATIC1111 or a program that writes like it': [
    settings,
    version('unheard-of'),
    `${settings}, ADetailer version: v1`,
  ],
  'Latent Loom': [version('Latent Loom')],
}

/** Documents that are no pictures. */
const inDocuments: Record<string, string[]> = {
  ComfyUI: [graph, `\ufeff${graph}`, prompt, `\n{"extra": {}, "links": [], "nodes": [{"id": 1, "type": "A"}]}`],
  InvokeAI: [invoke, '{"id": "g", "nodes": {"a": {"id": "a", "is_intermediate": true}}, "edges": []}'],
  SwarmUI: ['{"sui_image_params": {}}'],
  'Stability Matrix': ['{"Version": 2, "ProjectType": "TextToImage", "State": {}}'],
  Fooocus: ['{"default_model": "x", "default_performance": "Speed"}'],
  'Draw Things': ['{"hiresFix": false, "maskBlur": 1.5, "guidanceScale": 4}'],
  'Easy Diffusion': ['{"numOutputsTotal": 1, "reqBody": {"use_stable_diffusion_model": "x"}}'],
  NovelAI: ['{"prompt": "a", "uncond_scale": 0, "noise_schedule": "karras"}'],
  chaiNNer: ['{"version": "0.24", "content": {"nodes": [{"data": {"schemaId": "chainner:image:load"}}]}}'],
  AUTOMATIC1111: [version('v1.10.1')],
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const programOf = (content: Uint8Array): string | undefined => describeDocument(content).program
const cases = <T>(table: Record<string, readonly T[]>) =>
  Object.entries(table).flatMap(([name, all]) => all.map((each) => [name, each] as const))

describe('the program that drew a picture is named', () => {
  it.each(cases(inTexts))('%s by texts in every kind of PNG text', (name, texts) => {
    for (const [place, write] of Object.entries(textPlaces))
      expect([place, programOf(write(texts))]).toEqual([place, name])
  })

  it.each(cases(inComments))('%s by one text, in every place of PNG, JPEG and WebP', (name, text) => {
    for (const [place, write] of Object.entries(commentPlaces)) {
      expect([place, programOf(write(text))]).toEqual([place, name])
      expect([place, programOf(write(`日本 ${text}`.replace(/^日本 \{/, '{')))]).toEqual([place, name])
    }
  })

  it('by tags of the camera and by the tool', () => {
    expect(programOf(labelled({ 271: `Workflow: ${graph}`, 272: `prompt:${prompt}` }))).toBe('ComfyUI')
    expect(programOf(labelled({ 271: 'Canon', 272: 'EOS: {x}' }))).toBeUndefined()
    expect(programOf(labelled({ 305: 'Fooocus v2.5.5' }))).toBe('Fooocus')
    expect(programOf(labelled({ 269: 'NovelAI generated image' }))).toBe('NovelAI')
    expect(programOf(madeWith('Draw Things'))).toBe('Draw Things')
    expect(programOf(madeWith('GIMP 2.10'))).toBeUndefined()
  })

  it('not where nothing tells', () => {
    for (const text of ['', 'Steps: many', 'GIMP', '{', '{"a": 1}', 'Created with GIMP', 'workflow: {']) {
      for (const write of Object.values(commentPlaces)) expect(programOf(write(text))).toBeUndefined()
    }
  })

  it.each(cases(inDocuments))('%s by a document', (name, text) => {
    expect(programOf(utf8(text))).toBe(name)
  })
})

describe('what is not ours is refused by the name of its program', () => {
  it('in pictures and documents', () => {
    const picture = errorOf(() => readDocument(textPlaces['tEXt of a PNG']?.({ workflow: graph }) ?? ''))
    expect(picture).toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/^The picture was drawn with ComfyUI/),
    })
    expect(errorOf(() => readDocument(graph))).toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/^The file comes from ComfyUI/),
    })
    expect(errorOf(() => readDocument('{"a": 1}')).message).toMatch(/"format" is not "latent-loom"/)
    const stripped = commentPlaces['XMP of a JPEG']?.(version('Latent Loom')) ?? ''
    expect(errorOf(() => readDocument(stripped)).message).toBe('The picture carries no workflow.')
  })
})

const corpus = new URL('../../../shared/corpus/', import.meta.url)

describe.skipIf(!existsSync(corpus))('real files of other programs', () => {
  /** By the beginnings of their names. */
  const programs: Record<string, string> = {
    'a1111-text': 'AUTOMATIC1111 or a program that writes like it',
    'a1111-webui': 'AUTOMATIC1111',
    civitai: 'Civitai',
    comfy: 'ComfyUI',
    templates: 'ComfyUI',
    fooocus: 'Fooocus',
    forge: 'Forge Classic',
    invokeai: 'InvokeAI',
    novelai: 'NovelAI',
    reforge: 'EasyReforge',
    sdnext: 'SD.Next',
    swarmui: 'SwarmUI',
  }
  const files = existsSync(corpus) ? readdirSync(corpus).filter((name) => /\.(png|jpg|webp|json)$/.test(name)) : []

  it.each(files)('%s', (name) => {
    const expected = Object.entries(programs).find(([start]) => name.startsWith(start))?.[1]
    expect(programOf(readFileSync(new URL(name, corpus)))).toBe(expected)
  })
})

describe('hostile pictures', () => {
  it('changed and cut ones give texts or a LoomError', () => {
    const samples = [
      ...Object.values(commentPlaces).map((write) => write(settings)),
      ...Object.values(textPlaces).map((write) => write({ workflow: graph })),
    ]
    const change = fc.record({ at: fc.nat({ max: 500 }), byte: fc.nat(255) })
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.array(change, { maxLength: 8 }),
        fc.nat({ max: 500 }),
        (sample, changes, cut) => {
          const bytes = Uint8Array.from(sample)
          for (const { at, byte } of changes) if (at >= 12 && at < bytes.length) bytes[at] = byte
          try {
            describeDocument(cut % 3 === 0 ? bytes.subarray(0, cut) : bytes)
          } catch (error) {
            expect(error).toBeInstanceOf(LoomError)
          }
        },
      ),
      { numRuns: 500 },
    )
  })

  it('an Exif block that points at itself, or far away, ends', () => {
    const block = exif([{ tag: 0x8769, type: 4, data: Buffer.alloc(4) }], { nested: false })
    block.writeUInt32BE(8, 18)
    expect(exifTexts(block)).toEqual(new Map())
    const many = Buffer.alloc(20, 0xff)
    many.write('MM\0*\0\0\0\x08', 'latin1')
    expect(exifTexts(many)).toEqual(new Map())
  })

  it('a thousand Exif tags that share one long text are not all read', () => {
    const data = Buffer.alloc(2 ** 20, 'x')
    const tags = Array.from({ length: 1000 }, (_, index) => ({
      tag: 0x9286,
      type: 2,
      data: index ? Buffer.alloc(0) : data,
    }))
    const block = exif(tags, { nested: false })
    for (let index = 1; index < 1000; index++) {
      block.writeUInt32BE(2 ** 20, 10 + 12 * index + 4)
      block.writeUInt32BE(block.readUInt32BE(18), 10 + 12 * index + 8)
    }
    expect(cpuTime(() => exifTexts(block))).toBeLessThan(2000)
    expect(exifTexts(block).get('UserComment')).toHaveLength(2 ** 20)
  })

  it('texts above 16 MiB are refused in every format', () => {
    const long = 'x'.repeat(17 * 2 ** 20)
    for (const place of ['Exif of a WebP', 'Exif of a PNG', 'XMP of a PNG'] as const) {
      expect(errorOf(() => describeDocument(commentPlaces[place]?.(long) ?? new Uint8Array())).code).toBe('limit')
    }
  })

  it('pixels are passed over without being read', () => {
    const [start, end] = [
      textPlaces['tEXt of a PNG']?.({}),
      textPlaces['tEXt behind the pixels of a PNG']?.({ prompt }),
    ]
    const pixels = 2 ** 31
    const head = Buffer.concat([start?.subarray(0, 33) ?? Buffer.alloc(0), Buffer.from('\x80\0\0\0IDAT', 'latin1')])
    const tail = end?.subarray(end.indexOf('tEXt') - 4) ?? Buffer.alloc(0)
    const from = head.length + pixels + 4
    let read = 0
    const source = {
      size: from + tail.length,
      read(begin: number, until: number) {
        const part = begin < from ? head.subarray(begin, until) : tail.subarray(begin - from, until - from)
        read += part.length
        return part
      },
    }
    expect(describeDocument(source).program).toBe('ComfyUI')
    expect(read).toBeLessThan(1000)
  })
})
