import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readFact } from '#engine/facts.ts'
import { resolveFile } from '#engine/files/resolve-file.ts'
import { openTensorFile } from '#engine/files/tensor-file.ts'
import { inspectFile } from '#engine/inspect.ts'
import { openCheckpoint, openNetwork, readModelFiles } from '#engine/models/detect.ts'
import { textEncoder } from '#engine/models/keys/text-encoder.ts'
import { unet } from '#engine/models/keys/unet.ts'
import { vae } from '#engine/models/keys/vae.ts'
import { requireFile } from '#main/cli/document-file.ts'
import { describeModel } from '#main/server/library/describe-model.ts'
import { sd15EmaTensors } from '../fixtures/sd15-ema.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { smallTensors } from '../small-models.ts'
import { writeSparse } from '../sparse.ts'

const folder = temporaryFolder()
let files = 0

type Shapes = readonly (readonly [name: string, shape: readonly number[]])[]

const write = (shapes: Shapes): string =>
  writeSparse(
    join(folder, `${files++}.safetensors`),
    shapes.map(([name, shape]) => ({ name, shape, dtype: 'F16' as const })),
  )

const all: Shapes = smallTensors().map(({ name, shape }) => [name, shape])
/** The tensors below a prefix, without it. */
const below = (prefix: string): Shapes =>
  all.flatMap(([name, shape]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), shape] as const] : []))
const wrapped = (word: string, shapes: Shapes): Shapes => shapes.map(([name, shape]) => [`${word}${name}`, shape])

const ldmUnet = below('model.diffusion_model.')

describe('networks under words of trainers and other programs open', () => {
  it.each([
    'diffusion_model.',
    'state_dict.',
    'model.',
    'module.',
    '_orig_mod.',
    'unet.',
    'ema_model.',
    'model_ema.diffusion_model.',
    'state_dict.model.',
    'module._orig_mod.',
    'net.',
    'ema_unet.',
    'student.a.b.',
  ])('a UNet under %s', async (word) => {
    const counters: Shapes = [
      ['global_step', []],
      ['epoch', []],
    ]
    for (const shapes of [wrapped(word, ldmUnet), [...wrapped(word, ldmUnet), ...counters]]) {
      const path = write(shapes)
      expect((await readModelFiles(path)).identity).toMatchObject({ kind: 'unet', base: 'sd1' })
      const { unet: network } = await openNetwork(path, 'unet')
      expect(network && Array.from(unet.tensors(network.config)).length).toBe(ldmUnet.length)
    }
  })

  it('a compiled UNet under the names of a checkpoint', async () => {
    const { unet: network } = await openNetwork(write(wrapped('model.diffusion_model._orig_mod.', ldmUnet)), 'unet')
    expect(network && Array.from(unet.tensors(network.config)).length).toBe(ldmUnet.length)
  })

  it.each(['state_dict.', 'module.', 'module.state_dict.', 'net.', 'x.y.'])(
    'a whole checkpoint under %s',
    async (word) => {
      const { unet: network, textEncoder: text, vae: autoencoder } = await openCheckpoint(write(wrapped(word, all)))
      expect([network, text, autoencoder].every(Boolean)).toBe(true)
    },
  )

  it.each(['vae.', 'text_encoder.', 'net.', 'autoencoder.inner.'])(
    'a VAE and a text encoder under %s',
    async (word) => {
      const autoencoder = write(wrapped(word, below('first_stage_model.')))
      const opened = (await openNetwork(autoencoder, 'vae')).vae
      expect(opened?.config.kind === 'autoencoder-kl' && Array.from(vae.tensors(opened.config)).length).toBeGreaterThan(
        50,
      )
      const text = write(wrapped(word, below('cond_stage_model.transformer.')))
      const { textEncoder: tower } = await openNetwork(text, 'text-encoder')
      expect(tower && Array.from(textEncoder.tensors(tower.config)).length).toBeGreaterThan(50)
    },
  )

  it.each([
    ['module.', undefined],
    ['net.', 'Its tensors are named "net.…", which no known program writes; it is read without these words.'],
  ])('and what was left out is said: %s', async (word, notice) => {
    const path = write(wrapped(word, all))
    expect((await inspectFile(path)).notice).toBe(notice)
    const fact = await readFact(path, 'checkpoint')
    expect(fact.kind === 'checkpoint' && fact.notice).toBe(notice)
  })

  it('as the list of models describes them', async () => {
    const file = { name: 'x', bytes: 0, modified: 0, signature: '', drive: '', expected: undefined, picture: undefined }
    const description = await describeModel({ ...file, path: write(wrapped('net.', all)), isFolder: false })
    expect(description).toMatchObject({ kind: 'checkpoint', family: 'sd1' })
    expect(description).not.toHaveProperty('error')
  })

  it('and several networks under words of their own are refused by these words', async () => {
    const parts: Shapes = [
      ...wrapped('unet.', ldmUnet),
      ...wrapped('vae.', below('first_stage_model.')),
      ...wrapped('text_encoder.', below('cond_stage_model.transformer.')),
    ]
    for (const shapes of [parts, [...wrapped('unet.', ldmUnet), ...wrapped('unet_ema.', ldmUnet)]]) {
      await expect(openCheckpoint(write(shapes))).rejects.toMatchObject({
        code: 'unsupported',
        message: expect.stringMatching(/it is several networks in one file \((\w+\., )+\w+\.\)\.$/),
        hint: expect.stringMatching(/diffusers folder/),
      })
    }
  })

  it('and what is something else stays what it is', async () => {
    const upscaler: Shapes = [
      ['model.0.weight', [64, 3, 3, 3]],
      ['model.1.sub.0.RDB1.conv1.0.weight', [32, 64, 3, 3]],
    ]
    const adapter = wrapped('unet.', [
      ['mid_block.attentions.0.proj_in.lora_A.weight', [4, 32]],
      ['mid_block.attentions.0.proj_in.lora_B.weight', [32, 4]],
    ])
    expect((await readModelFiles(write(upscaler))).identity.kind).toBe('upscaler')
    expect((await readModelFiles(write(adapter))).identity.kind).toBe('adapter')
    const plain = await readModelFiles(write(all.filter(([name]) => name.startsWith('model.diffusion_model.'))))
    expect(plain.identity.kind).toBe('checkpoint')
  })
})

describe('each gets its true sentence', () => {
  it.each([
    ['with VAE and text encoder', sd15EmaTensors().filter(({ name }) => !name.startsWith('model.diffusion_model.'))],
    ['alone', sd15EmaTensors().filter(({ name }) => name.startsWith('model_ema.'))],
  ])('a checkpoint with nothing but the EMA copy of its UNet, %s', async (what, tensors) => {
    const path = writeSparse(join(folder, `ema ${what}.safetensors`), tensors)
    await expect(openCheckpoint(path)).rejects.toMatchObject({
      code: 'unsupported',
      message: `${path} cannot be opened as a checkpoint: it is a training checkpoint with only the EMA copy of its UNet (model_ema), whose names have lost their dots.`,
      hint: expect.stringContaining('pruned'),
    })
  })

  const gone = join(folder, 'gone')
  const link = (name: string, target = gone): string => {
    const path = join(folder, name)
    mkdirSync(join(path, '..'), { recursive: true })
    symlinkSync(target, path)
    return path
  }
  const says = (path: string) => ({
    code: 'not-found',
    message: `${path} is a link to ${gone}, which does not exist.`,
    hint: expect.stringContaining('remove the link'),
  })

  it.each<[what: string, open: () => [path: string, opened: Promise<unknown>]]>([
    [
      'a file',
      () => {
        const path = link('file.safetensors')
        return [path, openTensorFile(path)]
      },
    ],
    [
      'a folder on the way',
      () => {
        const path = link('drive')
        return [path, openTensorFile(join(path, 'models', 'a.safetensors'))]
      },
    ],
    [
      'a model',
      () => {
        const path = link('model')
        return [path, readModelFiles(path)]
      },
    ],
    [
      'weights in a folder, as an emptied cache leaves them',
      () => {
        const path = link('cache/unet/diffusion_pytorch_model.safetensors')
        return [path, readModelFiles(join(folder, 'cache'))]
      },
    ],
    [
      'a config in a folder',
      () => {
        const at = join(folder, 'configured')
        const path = link('configured/model_index.json')
        return [path, readModelFiles(at)]
      },
    ],
    [
      'a network in a folder',
      () => {
        const path = link('parts/unet')
        return [path, readModelFiles(join(folder, 'parts'))]
      },
    ],
    [
      'a file that a document names',
      () => {
        const path = link('models/named.safetensors')
        return [path, resolveFile('named.safetensors', { folders: [join(folder, 'models')], models: [] })]
      },
    ],
    [
      'a file that is searched for',
      () => {
        const path = link('library/deep/searched.safetensors')
        return [path, resolveFile('searched.safetensors', { folders: [], models: [join(folder, 'library')] })]
      },
    ],
  ])('a link that leads nowhere: %s', async (_, open) => {
    const [path, opened] = open()
    await expect(opened).rejects.toMatchObject(says(path))
  })

  it('a link that leads nowhere: a file that the command line names', async () => {
    const path = link('workflow.loom.json')
    const { message } = says(path)
    await expect(requireFile(path)).rejects.toMatchObject({ code: 'usage', message })
  })

  it('but a file elsewhere is taken before a link that leads nowhere', async () => {
    const other = join(folder, 'second')
    mkdirSync(other)
    writeFileSync(join(other, 'both.safetensors'), '')
    link('first/both.safetensors')
    const roots = { folders: [join(folder, 'first'), other], models: [] }
    expect(await resolveFile('both.safetensors', roots)).toBe(join(other, 'both.safetensors'))
  })
})
