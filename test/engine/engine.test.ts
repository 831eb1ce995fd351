import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  documentOf,
  type EngineRun,
  EngineRunner,
  labels,
  pixelsOf,
  rewired,
  template,
  textsOf,
} from '../engine-runner.ts'
import { goldenTensors, temporaryFolder } from '../golden-networks.ts'
import { readGolden } from '../goldens.ts'
import { openBytes } from '../onnx.ts'
import { smallModels, smallTensors } from '../small-models.ts'
import { specsOf, writeSparse } from '../sparse.ts'
import { type TensorValues, writeTensors } from '../tensor-file.ts'

type Shapes = Readonly<Record<string, readonly number[]>>

const lcm = readGolden<{
  readonly weights: Shapes
  readonly extra_lcm_w: Shapes
  readonly salt: number
}>('pipelines').json

/** Holds small networks in several conditions, and adapters. */
const folder = temporaryFolder()
const tensors = smallTensors()
const write = (name: string, list: readonly TensorValues[]) =>
  writeTensors(join(folder, name), list, 'F16', { 'modelspec.resolution': '96x96' })
/** The networks with one weight that is not a number. */
const broken = (name: string) =>
  tensors.map((tensor) => (tensor.name === name ? { ...tensor, values: tensor.values.map(() => Number.NaN) } : tensor))

beforeAll(() => {
  write('sd1.safetensors', tensors)
  write('full-lcm.safetensors', goldenTensors({ ...lcm.weights, ...lcm.extra_lcm_w }, lcm.salt))
  write(
    'no-vae.safetensors',
    tensors.filter(({ name }) => !name.startsWith('first_stage_model.')),
  )
  write('broken-text.safetensors', broken('cond_stage_model.transformer.text_model.final_layer_norm.bias'))
  write('broken-unet.safetensors', broken('model.diffusion_model.out.2.bias'))
  write('broken-vae.safetensors', broken('first_stage_model.decoder.conv_out.bias'))
})

const runner = new EngineRunner(folder, smallModels())
afterAll(() => runner.close())

const small = { steps: '1', 'latent.width': '64', 'latent.height': '64' }
const lora = template('lcm-lora')
const guided = template('ddim-25')

test('a network can be written as an ONNX file that ONNX Runtime loads', async () => {
  const { events } = await runner.run(lora, { set: small, dump: 'encode' })
  const files = events.flatMap((event) => (event.type === 'dump' && event.stage === 'encode' ? [event.text] : []))
  expect(files.map((path) => basename(path))).toEqual([
    'text encoder of emoji-tiny.safetensors-00001.onnx',
    'UNet of emoji-tiny.safetensors-00001.onnx',
    'VAE decoder of emoji-tiny.safetensors-00001.onnx',
  ])
  const session = await openBytes(readFileSync(files[1] ?? ''))
  expect(session.outputNames).toEqual(['prediction'])
  await session.release()
})

describe('a saved picture', () => {
  let saved: EngineRun
  let texts: Map<string, string>
  beforeAll(async () => {
    const set = { ...small, prompt: 'a fox, (red:1.2)', 'lora.modelStrength': '0.75', 'scheduler.steps': '2' }
    saved = await runner.run(lora, { set, seed: '18446744073709551615' })
    texts = textsOf(saved.images[0]?.path ?? '')
  })

  test("carries A1111's parameters", () => {
    expect(texts.get('parameters')).toBe(
      'a fox, (red:1.2) <lora:emoji-tiny-lcm-lora:0.75>\n' +
        'Steps: 2, Sampler: LCM, CFG scale: 1, Seed: 18446744073709551615, Size: 64x64, Model: emoji-tiny, Version: Latent Loom',
    )
  })

  test('carries the document with every override and the seed', () => {
    const { nodes } = JSON.parse(texts.get('latent-loom') ?? '')
    expect(nodes.sampler.inputs.seed).toBe('18446744073709551615')
    expect(nodes.prompt.inputs.text).toBe('a fox, (red:1.2)')
    expect(nodes.scheduler.inputs.steps).toBe(2)
    expect(nodes.latent.inputs).toMatchObject({ width: 64, height: 64 })
    expect(nodes.lora.inputs).toMatchObject({ modelStrength: 0.75, model: { link: ['checkpoint', 'model'] } })
  })

  test('gives itself again when the document that it carries is run elsewhere', async () => {
    const fresh = new EngineRunner(smallModels())
    const again = await fresh.run(texts.get('latent-loom') ?? '')
    await fresh.close()
    expect(await pixelsOf(again)).toEqual(await pixelsOf(saved))
    expect(textsOf(again.images[0]?.path ?? '')).toEqual(texts)
    expect(saved.images).toMatchObject([{ node: 'save', width: 64, height: 64, seed: '18446744073709551615' }])
  })
})

describe('a workflow that is wrong', () => {
  test('lists all its problems at once, by node and input, before anything is loaded', async () => {
    const document = documentOf({
      checkpoint: ['checkpoint', { file: 'nowhere.safetensors' }],
      prompt: ['prompt', { clip: '-> checkpoint.vae', text: 'a fox' }],
      latent: ['empty-latent', { width: 63, height: 64, batch: 1 }],
      scheduler: ['lcm-scheduler', { steps: 60 }],
      dream: ['dreamer', {}],
      sampler: [
        'sampler',
        {
          model: '-> checkpoint.model',
          positive: '-> prompt.conditioning',
          latent: '-> latent.latent',
          scheduler: '-> scheduler.scheduler',
          seed: '-1',
        },
      ],
      decode: ['vae-decode', { latent: '-> sampler.latent' }],
      save: ['save-image', { image: '-> decode.image' }],
    })
    const { error, problems, events } = await runner.failure(document)
    expect(error.code).toBe('invalid')
    expect(events).toEqual([])
    const found = problems.map(({ node, input, code }) => [node, input, code])
    expect(found).toEqual(
      expect.arrayContaining([
        ['checkpoint', 'file', 'not-found'],
        ['prompt', 'clip', 'type'],
        ['latent', 'width', 'range'],
        ['scheduler', 'steps', 'range'],
        ['sampler', 'seed', expect.any(String)],
        ['decode', 'vae', 'missing-input'],
      ]),
    )
    const validation = await runner.engine.validate({ document, folders: [folder], overrides: [] })
    const listed = validation.problems.map(({ node, input, code }) => [node, input, code])
    expect(listed).toEqual(expect.arrayContaining([...found, ['dream', undefined, 'unknown-node']]))
  })

  test('a checkpoint without a VAE is named', async () => {
    const { problems, events } = await runner.failure(lora, {
      set: { ...small, 'checkpoint.file': 'no-vae.safetensors', 'lora.modelStrength': '0' },
    })
    expect(problems).toMatchObject([{ node: 'decode', input: 'vae' }])
    expect(problems[0]?.message).toContain('no-vae.safetensors holds no VAE')
    expect(events).toEqual([])
  })
})

test('a file in the way of a subfolder is found before anything is loaded', async () => {
  const outputFolder = temporaryFolder()
  writeFileSync(join(outputFolder, 'foxes'), '')
  const { error, events } = await runner.failure(lora, {
    set: { ...small, 'save.prefix': 'foxes/%date%/fox' },
    outputFolder,
  })
  expect(error).toMatchObject({ code: 'io', node: 'save', input: 'prefix' })
  expect(error.message).toMatch(/^Cannot write into .*foxes: a file of this name is there\.$/)
  expect(labels({ events }, 'load')).toEqual([])
})

describe('an adapter', () => {
  const linear = (module: string, width: number): Shapes => ({
    [`${module}.lora_down.weight`]: [4, width],
    [`${module}.lora_up.weight`]: [64, 4],
  })
  const attention = 'lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k'
  const withLora = (file: string) => ({ ...small, 'lora.file': file })

  test('for SDXL is refused on SD1.x before anything is loaded', async () => {
    writeSparse(join(folder, 'sdxl-lora.safetensors'), specsOf(linear(attention, 2048)))
    const { problems, events } = await runner.failure(lora, { set: withLora('sdxl-lora.safetensors') })
    expect(problems).toMatchObject([{ code: 'mismatch', node: 'lora', input: 'file' }])
    expect(problems[0]?.message).toMatch(/made for Stable Diffusion XL; the model is Stable Diffusion 1\.x/)
    expect(events).toEqual([])
  })

  test('of a width that no published family has is refused before anything is loaded', async () => {
    writeSparse(join(folder, 'other-lora.safetensors'), specsOf(linear(attention, 96)))
    // Where the prompt is listed first, its steps are in front of the adapter's.
    const { nodes, ...rest } = JSON.parse(lora)
    const document = JSON.stringify({ ...rest, nodes: { prompt: nodes.prompt, ...nodes } })
    const set = { ...withLora('other-lora.safetensors'), 'checkpoint.clipSkip': '2' }
    const { error, events } = await runner.failure(document, { set })
    expect(error).toMatchObject({ code: 'mismatch', node: 'lora' })
    expect(error.message).toContain('other-lora.safetensors')
    expect(labels({ events }, 'load')).toEqual([])
    const overrides = Object.entries(set).map(([name, value]) => ({ name, value: String(value) }))
    const { problems } = await runner.engine.validate({ document, folders: [folder], overrides })
    expect(problems).toMatchObject([{ code: 'mismatch', node: 'lora', message: error.message }])
  })

  test('some of whose keys fit is used, with a warning that counts the others', async () => {
    const shapes = { ...linear(`${attention}`, 64), ...linear('lora_unet_mid_block_attentions_9_proj_in', 64) }
    const fitting = { ...shapes, [`${attention}.lora_up.weight`]: [32, 4] }
    writeSparse(join(folder, 'partly.safetensors'), specsOf(fitting))
    const { events, images } = await runner.run(lora, { set: withLora('partly.safetensors') })
    const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.error] : []))
    expect(warnings).toMatchObject([{ code: 'mismatch', node: 'lora' }])
    expect(warnings[0]?.message).toBe(
      '1 of 2 modules of partly.safetensors fit; left out: lora_unet_mid_block_attentions_9_proj_in.',
    )
    expect(images).toHaveLength(1)
  })

  test('without the settings that scale it is used, with a warning that says what is assumed', async () => {
    const peft = 'base_model.model.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q'
    const shapes = { [`${peft}.lora_A.weight`]: [4, 32], [`${peft}.lora_B.weight`]: [32, 4] }
    writeSparse(join(folder, 'peft.safetensors'), specsOf(shapes))
    const { events } = await runner.run(lora, { set: withLora('peft.safetensors') })
    const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.error] : []))
    expect(warnings).toMatchObject([
      { node: 'lora', message: expect.stringMatching(/^peft\.safetensors: PEFT wrote .* taken as 1\.$/) },
    ])
  })

  test('warns once, and of its own node, when it changes both networks and is reordered', async () => {
    const document = rewired(template('style-and-lcm-lora'), {
      'style.file': 'partly.safetensors',
      'style.clip': '-> checkpoint.clip',
      'prompt.clip': '-> style.clip',
    })
    const { events } = await runner.run(document, { set: small })
    const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.error] : []))
    expect(warnings).toMatchObject([{ node: 'style', message: expect.stringContaining('partly.safetensors') }])
  })
})

describe('guidance', () => {
  const encoded = ({ events }: EngineRun) =>
    events.flatMap((event) => (event.type === 'phase' && event.phase === 'encode' ? [event.node] : []))
  const withoutNegative = () => {
    const document = JSON.parse(guided)
    const { negative: _, ...inputs } = document.nodes.sampler.inputs
    document.nodes.sampler.inputs = inputs
    return JSON.stringify(document)
  }

  test('of a full LCM is an input: no negative prompt is encoded, and the picture depends on it', async () => {
    const set = { ...small, 'checkpoint.file': 'full-lcm.safetensors' }
    const strong = await runner.run(guided, { set: { ...set, guidance: '8' } })
    expect(encoded(strong)).toEqual(['prompt'])
    const plain = await runner.run(guided, { set: { ...set, guidance: '1' } })
    expect(await pixelsOf(plain)).not.toEqual(await pixelsOf(strong))
  })

  test('without a negative prompt compares with the empty one', async () => {
    const set = { ...small, 'checkpoint.file': 'sd1.safetensors', guidance: '4' }
    const empty = await runner.run(guided, { set: { ...set, negative: '' } })
    const none = await runner.run(withoutNegative(), { set })
    expect(await pixelsOf(none)).toEqual(await pixelsOf(empty))
    const blurry = await runner.run(guided, { set: { ...set, negative: 'blurry' } })
    expect(await pixelsOf(blurry)).not.toEqual(await pixelsOf(empty))
  })
})

describe('weights that are not numbers', () => {
  test.each([
    ['text encoder', 'broken-text.safetensors', 'prompt'],
    ['UNet', 'broken-unet.safetensors', 'sampler'],
    ['VAE decoder', 'broken-vae.safetensors', 'decode'],
  ])('in the %s are an error, no black picture', async (network, file, node) => {
    const outputFolder = temporaryFolder()
    const set = { ...small, 'checkpoint.file': file, 'lora.modelStrength': '0' }
    const { error } = await runner.failure(lora, { set, outputFolder })
    expect(error).toMatchObject({ code: 'range', node })
    expect(error.message).toBe(`The ${network} of ${file} gave numbers that are not finite.`)
    expect(readdirSync(outputFolder)).toEqual([])
  })
})

test('a diffusers folder and files beside the document are found by the names of the document', async () => {
  const beside = temporaryFolder()
  mkdirSync(join(beside, 'models'))
  const name = 'models/mine.safetensors'
  copyFileSync(join(folder, 'sd1.safetensors'), join(beside, name))
  const set = { ...small, 'checkpoint.file': name, 'lora.modelStrength': '0' }
  const run = await runner.run(lora, { set, folder: beside })
  expect(labels(run, 'load')).toContain('UNet of mine.safetensors')
  expect(basename(dirname(run.images[0]?.path ?? ''))).toMatch(/^latent-loom-test-/)
})
