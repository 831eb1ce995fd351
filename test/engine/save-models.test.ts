import { utimesSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readFact } from '#engine/facts.ts'
import { openTensorFile, withTensors } from '#engine/files/tensor-file.ts'
import { openCheckpoint } from '#engine/models/detect.ts'
import { documentOf, EngineRunner, labels, pixelsOf } from '../engine-runner.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { largestDifference } from '../goldens.ts'
import { smallModels, writeSmallCheckpoint } from '../small-models.ts'

const checkpoint = 'emoji-tiny.safetensors'
const sketch = 'emoji-tiny-sketch-lora.safetensors'
const lcm = 'emoji-tiny-lcm-lora.safetensors'

type Nodes = Parameters<typeof documentOf>[0]

const folder = temporaryFolder()
const runner = new EngineRunner(smallModels(), folder)
afterAll(() => runner.close())

/** Draws a small picture with the model, text encoder and VAE that the nodes `of` give. */
function drawn(nodes: Nodes, of: { model: string; clip: string; vae: string }): Nodes {
  return {
    ...nodes,
    prompt: ['prompt', { clip: `-> ${of.clip}.clip`, text: 'a red fish' }],
    scheduler: ['lcm-scheduler', { steps: 2 }],
    latent: ['empty-latent', { width: 64, height: 64 }],
    sampler: [
      'sampler',
      {
        model: `-> ${of.model}.model`,
        positive: '-> prompt.conditioning',
        latent: '-> latent.latent',
        scheduler: '-> scheduler.scheduler',
        seed: '3',
        guidance: 1,
      },
    ],
    decode: ['vae-decode', { vae: `-> ${of.vae}.vae`, latent: '-> sampler.latent' }],
    save: ['save-image', { image: '-> decode.image' }],
  }
}

const draw = async (nodes: Nodes, of: { model: string; clip: string; vae: string }) => {
  const [pixels] = await pixelsOf(await runner.run(documentOf(drawn(nodes, of))))
  return Float32Array.from(pixels ?? [])
}

const load: Nodes = { checkpoint: ['checkpoint', { file: checkpoint }] }
const adapted: Nodes = {
  ...load,
  loras: [
    'lora-stack',
    {
      model: '-> checkpoint.model',
      clip: '-> checkpoint.clip',
      file1: lcm,
      file2: sketch,
      strength2: 0.8,
      clipStrength2: 0.5,
    },
  ],
}

/** Runs the nodes and gives the path of the one file that they save. */
async function saved(nodes: Nodes): Promise<string> {
  const { files = [] } = await runner.run(documentOf(nodes), { outputFolder: folder })
  expect(files).toHaveLength(1)
  return files[0]?.path ?? ''
}

/** A saved checkpoint by its name. */
const loadSaved = (path: string): Nodes => ({ again: ['checkpoint', { file: path.slice(folder.length + 1) }] })
const again = { model: 'again', clip: 'again', vae: 'again' }

test('a checkpoint keeps what it was trained on, in the marks that other programs read', async () => {
  const of = { file: checkpoint, prediction: 'v_prediction', zeroSnr: 'yes' }
  const path = await saved({
    load: ['checkpoint', of],
    keep: ['save-checkpoint', { model: '-> load.model', clip: '-> load.clip', vae: '-> load.vae' }],
  })
  expect((await openCheckpoint(path)).told).toEqual({ training: { prediction: 'v_prediction', zeroSnr: true } })
  const { tensors, metadata } = (await openTensorFile(path)).header
  expect(['v_pred', 'ztsnr'].map((name) => tensors.get(name)?.shape)).toEqual([[0], [0]])
  expect(metadata.get('modelspec.prediction_type')).toBe('v')
})

test('an unchanged checkpoint is copied byte by byte, and tells what it was made of', async () => {
  const path = await saved({
    ...load,
    keep: [
      'save-checkpoint',
      { model: '-> checkpoint.model', clip: '-> checkpoint.clip', vae: '-> checkpoint.vae', prefix: 'copy' },
    ],
  })
  const [original, copy] = await Promise.all([openTensorFile(join(smallModels(), checkpoint)), openTensorFile(path)])
  expect(new Set(copy.header.tensors.keys())).toEqual(new Set(original.header.tensors.keys()))
  await withTensors(original, (readOriginal) =>
    withTensors(copy, async (readCopy) => {
      for (const [name, { shape, dtype }] of original.header.tensors) {
        expect([name, copy.header.tensors.get(name)]).toMatchObject([name, { shape, dtype }])
        expect(Buffer.compare(await readCopy(name), await readOriginal(name))).toBe(0)
      }
    }),
  )
  const { metadata } = copy.header
  expect(metadata.get('modelspec.architecture')).toBe('stable-diffusion-v1')
  expect(JSON.parse(metadata.get('latent-loom.recipe') ?? '')).toMatchObject({
    op: 'save-checkpoint',
    model: { file: checkpoint },
  })
  expect(JSON.parse(metadata.get('latent-loom.sources') ?? '')[checkpoint]).toMatch(/^[0-9a-f]{64}$/)
})

test('a source that changes while it is read is named, and nothing is saved', async () => {
  const [source, output] = [join(folder, 'source.safetensors'), temporaryFolder()]
  writeSmallCheckpoint(source)
  const document = documentOf({
    checkpoint: ['checkpoint', { file: source }],
    keep: ['save-checkpoint', { model: '-> checkpoint.model' }],
  })
  const { error } = await runner.failure(document, {
    outputFolder: output,
    watch: (event) => event.type === 'step' && event.step === 1 && utimesSync(source, 1000, 1000),
  })
  expect(error).toMatchObject({ code: 'io', node: 'keep' })
  expect(error.message).toBe(`${source} was changed, replaced or removed while it was in use.`)
  expect(await readdir(output)).toEqual([])
})

describe('what is saved draws what was drawn before', () => {
  test('with adapters folded in', async () => {
    const path = await saved({
      ...adapted,
      keep: ['save-checkpoint', { model: '-> loras.model', clip: '-> loras.clip', vae: '-> checkpoint.vae' }],
    })
    const fact = await readFact(path, 'checkpoint')
    expect(fact.kind === 'checkpoint' && fact.distillation).toMatchObject({
      distilled: { method: 'lcm' },
      confidence: 'certain',
    })
    const before = await draw(adapted, { model: 'loras', clip: 'loras', vae: 'checkpoint' })
    const after = await draw(loadSaved(path), again)
    expect(largestDifference(after, before)).toBeLessThanOrEqual(3)
    expect(
      largestDifference(after, await draw(load, { model: 'checkpoint', clip: 'checkpoint', vae: 'checkpoint' })),
    ).toBeGreaterThan(40)
  })

  const inked: Nodes = {
    ...load,
    ink: ['lora', { model: '-> checkpoint.model', clip: '-> checkpoint.clip', file: sketch }],
  }

  test('a merge, drawn without being saved too', async () => {
    const other = await saved({
      ...inked,
      keep: [
        'save-checkpoint',
        { model: '-> ink.model', clip: '-> ink.clip', vae: '-> checkpoint.vae', dtype: 'F32', prefix: 'ink' },
      ],
    })
    const nodes: Nodes = {
      ...load,
      other: ['checkpoint', { file: other.slice(folder.length + 1) }],
      fast: ['lora', { model: '-> checkpoint.model', file: lcm }],
      merge: [
        'merge-models',
        {
          first: '-> fast.model',
          second: '-> other.model',
          firstClip: '-> checkpoint.clip',
          secondClip: '-> other.clip',
          ratio: 0.25,
        },
      ],
    }
    const merged = await draw(nodes, { model: 'merge', clip: 'merge', vae: 'checkpoint' })
    // W + 0.25 (W + D - W) + 0.75 L: the same sum by strengths
    const byStrengths = await draw(
      {
        ...load,
        sum: [
          'lora-stack',
          {
            model: '-> checkpoint.model',
            clip: '-> checkpoint.clip',
            file1: lcm,
            strength1: 0.75,
            file2: sketch,
            strength2: 0.25,
            clipStrength2: 0.25,
            clipStrength1: 0,
          },
        ],
      },
      { model: 'sum', clip: 'sum', vae: 'checkpoint' },
    )
    expect(largestDifference(merged, byStrengths)).toBeLessThanOrEqual(1)
    const path = await saved({
      ...nodes,
      keep: [
        'save-checkpoint',
        { model: '-> merge.model', clip: '-> merge.clip', vae: '-> checkpoint.vae', dtype: 'F32' },
      ],
    })
    expect(largestDifference(await draw(loadSaved(path), again), merged)).toBeLessThanOrEqual(1)
  })

  test('several LoRAs as one, at the strengths that they had', async () => {
    const path = await saved({
      ...adapted,
      keep: ['save-lora', { model: '-> loras.model', clip: '-> loras.clip', dtype: 'F32' }],
    })
    const one: Nodes = {
      ...load,
      one: ['lora', { model: '-> checkpoint.model', clip: '-> checkpoint.clip', file: path.slice(folder.length + 1) }],
    }
    const before = await draw(adapted, { model: 'loras', clip: 'loras', vae: 'checkpoint' })
    const after = await draw(one, { model: 'one', clip: 'one', vae: 'checkpoint' })
    expect(largestDifference(after, before)).toBeLessThanOrEqual(1)
    const { header } = await openTensorFile(path)
    expect(header.metadata.get('modelspec.architecture')).toBe('stable-diffusion-v1/lora')
  })

  test('a LoRA, extracted from the model that it is on', async () => {
    const tuned: Nodes = { ...load, tuned: ['lora', { model: '-> checkpoint.model', file: sketch }] }
    const path = await saved({
      ...tuned,
      keep: ['extract-lora', { model: '-> tuned.model', base: '-> checkpoint.model', rank: 12, dtype: 'F32' }],
    })
    const one: Nodes = {
      ...load,
      one: ['lora', { model: '-> checkpoint.model', file: path.slice(folder.length + 1) }],
    }
    const before = await draw(tuned, { model: 'tuned', clip: 'checkpoint', vae: 'checkpoint' })
    expect(
      largestDifference(await draw(one, { model: 'one', clip: 'checkpoint', vae: 'checkpoint' }), before),
    ).toBeLessThanOrEqual(2)
  })

  test('a part that is left out is not there', async () => {
    const path = await saved({ ...load, keep: ['save-checkpoint', { model: '-> checkpoint.model' }] })
    const { unet, textEncoder, vae } = await openCheckpoint(path)
    expect([unet !== undefined, textEncoder, vae]).toEqual([true, undefined, undefined])
  })
})

describe('saving', () => {
  const keep = {
    model: '-> checkpoint.model',
    clip: '-> checkpoint.clip',
    vae: '-> checkpoint.vae',
    dtype: 'F32',
    prefix: 'cut',
  }

  test('tells how far it is, and leaves nothing behind when it is cancelled', async () => {
    const output = temporaryFolder()
    const { error, events } = await runner.failure(documentOf({ ...load, keep: ['save-checkpoint', keep] }), {
      outputFolder: output,
      watch: (event, abort) => event.type === 'step' && event.step >= 4 && abort(),
    })
    expect(error.code).toBe('cancelled')
    expect(labels({ events }, 'save')).toEqual([output])
    expect(events.filter(({ type }) => type === 'step').length).toBeLessThan(8)
    expect(await readdir(output)).toEqual([])
  })

  test('refuses a LoRA sum of nothing', async () => {
    const { error } = await runner.failure(
      documentOf({ ...load, keep: ['save-lora', { model: '-> checkpoint.model' }] }),
    )
    expect(error).toMatchObject({ code: 'mismatch', node: 'keep' })
  })
})
