import { describe, expect, it } from 'vitest'
import type { ModelFile } from '#core/protocol/routes.ts'
import type { Type } from '#core/types/types.ts'
import type { Workflow, WorkflowNode } from '#core/workflow/document.ts'
import { entriesOf, kindsOf, modelEntries, type SearchEntry } from './entries.ts'
import { fitsEnd, found, grouped } from './rank.ts'

const node = (type: string, inputs: WorkflowNode['inputs'] = {}): WorkflowNode => ({
  type,
  version: 1,
  at: [0, 0],
  inputs,
})

const workflow: Workflow = {
  format: 'latent-loom',
  version: 1,
  nodes: {},
  subgraphs: {
    upscale: {
      name: 'Upscale twice',
      inputs: { picture: {} },
      outputs: { latent: { link: ['encode', 'latent'] } },
      nodes: { encode: node('vae-encode', { image: { input: 'picture' } }) },
    },
    outer: { inputs: {}, outputs: {}, nodes: { inner: node('subgraph:upscale'), loop: node('subgraph:outer') } },
  },
}

const all = entriesOf(workflow, undefined)
const ids = (entries: readonly SearchEntry[]): string[] => entries.map(({ id }) => id)
const fitting = (side: 'output' | 'input', type: Type, entries = all): string[] =>
  ids(entries.filter((entry) => fitsEnd(entry, { side, type })))

const model: Type = { kind: 'model', family: 'sd1' }
const image: Type = { kind: 'image', width: 'unknown', height: 'unknown' }
const latent: Type = { kind: 'latent', channels: 4, width: 512, height: 512 }

describe('entries', () => {
  it('offers every node, the subgraphs, a note and a frame', () => {
    expect(ids(all)).toEqual(
      expect.arrayContaining([
        'checkpoint',
        'sampler',
        'save-image',
        'subgraph:upscale',
        'subgraph:outer',
        'note',
        'frame',
      ]),
    )
    expect(new Set(ids(all)).size).toBe(all.length)
    for (const { title, category, description } of all) expect([title, category, description]).not.toContain('')
    expect(new Set(all.map(({ title }) => title)).size).toBe(all.length)
  })

  it('does not offer a subgraph where it would hold itself', () => {
    expect(ids(entriesOf(workflow, 'upscale'))).not.toContain('subgraph:upscale')
    expect(ids(entriesOf(workflow, 'upscale'))).not.toContain('subgraph:outer')
    expect(ids(entriesOf(workflow, 'outer'))).toContain('subgraph:upscale')
    expect(ids(entriesOf(workflow, 'outer'))).not.toContain('subgraph:outer')
  })

  it('shows the kinds that links carry, each once', () => {
    const sampler = all.find(({ id }) => id === 'sampler')
    expect(sampler && kindsOf(sampler, 'inputs')).toEqual(['model', 'conditioning', 'latent', 'scheduler'])
    expect(sampler && kindsOf(sampler, 'outputs')).toEqual(['latent'])
  })
})

describe('fitting', () => {
  it('offers for an output what takes it', () => {
    expect(fitting('output', model)).toEqual(
      expect.arrayContaining(['lora', 'lora-stack', 'auto-scheduler', 'sampler']),
    )
    expect(fitting('output', model)).not.toContain('prompt')
    expect(fitting('output', image)).toEqual(expect.arrayContaining(['save-image', 'subgraph:upscale', 'vae-encode']))
    expect(fitting('output', image)).not.toContain('sampler')
  })

  it('offers for an input what gives it, also as a subgraph', () => {
    const givers = fitting('input', latent)
    expect(givers).toEqual(expect.arrayContaining(['empty-latent', 'sampler', 'subgraph:upscale', 'vae-encode']))
    expect(givers).not.toContain('save-image')
    expect(fitting('input', { kind: 'latent', channels: 16, width: 512, height: 512 })).not.toContain('checkpoint')
    const schedulers = ['auto-scheduler', 'lcm-scheduler', 'scheduler', 'tcd-scheduler', 'timesteps']
    expect(fitting('input', { kind: 'scheduler' }).sort()).toEqual(schedulers)
  })

  it('counts what converts, and offers nothing for what nobody takes', () => {
    const number: Type = { kind: 'int', min: 4, max: 4, multipleOf: 1 }
    expect(fitting('output', number)).toContain('sampler')
    expect(fitting('output', { kind: 'nothing', reason: 'no VAE' })).toEqual([])
    expect(fitting('output', { kind: 'controlnet' })).toEqual([])
  })
})

describe('search', () => {
  const first = (query: string, entries = all, recent: string[] = []): string | undefined =>
    found(entries, query, recent)[0]?.id

  it.each([
    ['sampler', 'sampler'],
    ['KSampler', 'sampler'],
    ['ksampelr', 'sampler'],
    ['samp', 'sampler'],
    ['CLIPTextEncode', 'prompt'],
    ['lora', 'lora'],
    ['lcm', 'lcm-scheduler'],
    ['decode', 'vae-decode'],
    ['img2img', 'vae-encode'],
    ['karras', 'scheduler'],
    ['prompt', 'prompt'],
    ['text', 'prompt'],
    ['image', 'load-image'],
    ['mask', 'image-to-mask'],
    ['latent', 'empty-latent'],
    ['model', 'checkpoint'],
    ['vae', 'vae-decode'],
    ['clip', 'clip-skip'],
    ['scheduler', 'scheduler'],
    ['few steps', 'lcm-scheduler'],
    ['inpaint', 'inpaint-latent'],
    ['outpaint', 'pad-image'],
    ['hires fix', 'scale-latent'],
    ['txt2img', 'sampler'],
    ['sampling method', 'scheduler'],
    ['xyz plot', 'xy-grid'],
    ['euler a', 'scheduler'],
    ['turbo', 'auto-scheduler'],
    ['taesd', 'vae-loader'],
    ['regional prompt', 'conditioning-area'],
    ['merge', 'merge-models'],
    ['UNETLoader', 'unet-loader'],
    ['CLIPLoader', 'text-encoder-loader'],
    ['DualCLIPLoader', 'text-encoder-loader'],
    ['VAELoader', 'vae-loader'],
    ['LoraLoader', 'lora'],
    ['CLIPSetLastLayer', 'clip-skip'],
    ['CLIPTextEncodeSDXL', 'prompt-sdxl'],
    ['ConditioningCombine', 'conditioning-combine'],
    ['ConditioningConcat', 'conditioning-concat'],
    ['ConditioningAverage', 'conditioning-average'],
    ['ConditioningSetArea', 'conditioning-area'],
    ['ConditioningSetMask', 'conditioning-mask'],
    ['ConditioningSetTimestepRange', 'conditioning-range'],
    ['ConditioningZeroOut', 'conditioning-zero'],
    ['InpaintModelConditioning', 'inpaint-latent'],
    ['VAEEncodeForInpaint', 'inpaint-latent'],
    ['VAEDecodeTiled', 'vae-decode'],
    ['SetLatentNoiseMask', 'set-noise-mask'],
    ['LatentUpscale', 'scale-latent'],
    ['LatentUpscaleBy', 'scale-latent'],
    ['LatentComposite', 'composite-latents'],
    ['LatentBlend', 'blend-latents'],
    ['LatentCrop', 'crop-latent'],
    ['LatentRotate', 'turn-latent'],
    ['LatentFromBatch', 'pick-latent'],
    ['RepeatLatentBatch', 'repeat-latent'],
    ['KSamplerAdvanced', 'sampler'],
    ['KSamplerSelect', 'scheduler'],
    ['SDTurboScheduler', 'auto-scheduler'],
    ['ModelSamplingDiscrete', 'lcm-scheduler'],
    ['ModelMergeSimple', 'merge-models'],
    ['CheckpointSave', 'save-checkpoint'],
    ['LoadImageMask', 'image-to-mask'],
    ['ImageScaleToTotalPixels', 'scale-image-by'],
    ['ImagePadForOutpaint', 'pad-image'],
    ['ImageCompositeMasked', 'composite-images'],
    ['GrowMask', 'refine-mask'],
    ['upscale', 'subgraph:upscale'],
    ['comment', 'note'],
    ['  save  ', 'save-image'],
  ])('finds for %s first %s', (query, id) => {
    expect(first(query)).toBe(id)
  })

  it('knows other words for every node', () => {
    expect(all.filter(({ keywords, id }) => keywords.length === 0 && !id.startsWith('subgraph:'))).toEqual([])
  })

  it('finds nothing for what is not there', () => {
    expect(found(all, 'qqqqzzzz', [])).toEqual([])
  })

  it('puts what was used before its equals', () => {
    expect(first('scheduler')).toBe('scheduler')
    expect(found(all, 'vae', ['vae-encode']).map(({ id }) => id)[0]).toBe('vae-encode')
    expect(found(all, 'vae', ['vae-decode']).map(({ id }) => id)[0]).toBe('vae-decode')
  })

  it('offers model files as the nodes that open them', () => {
    const file = (name: string, kind: ModelFile['kind'], error?: string): ModelFile => ({
      id: name,
      name,
      folder: 'models',
      kind,
      summary: 'Stable Diffusion 1.x',
      bytes: 1,
      modified: 0,
      hasPicture: false,
      ...(error !== undefined && { error }),
    })
    const files = modelEntries([
      file('photo/realism.safetensors', 'checkpoint'),
      file('watercolour.safetensors', 'lora'),
      file('vae.safetensors', 'other'),
      file('broken.safetensors', 'checkpoint', 'It is cut off.'),
    ])
    expect(files.map(({ title }) => title)).toEqual(['Checkpoint: photo/realism', 'LoRA: watercolour'])
    expect(found([...all, ...files], 'watercol', [])[0]?.adds).toEqual({
      type: 'lora',
      inputs: { file: 'watercolour.safetensors' },
    })
    expect(fitting('output', model, files)).toEqual(['model:watercolour.safetensors'])
  })

  it('groups by category without a query, what was used on top', () => {
    const groups = grouped(all, ['gone', 'sampler', 'note'], 'Used lately')
    expect(groups[0]).toMatchObject({ heading: 'Used lately', entries: [{ id: 'sampler' }, { id: 'note' }] })
    const rest = groups.slice(1)
    expect(rest.flatMap(({ entries }) => ids(entries))).toEqual(ids(all))
    expect(new Set(rest.map(({ heading }) => heading)).size).toBe(rest.length)
  })
})
