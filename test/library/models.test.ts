import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { describe, expect, it, onTestFinished } from 'vitest'
import { LoomError } from '#core/errors.ts'
import { byteRoutes, type ModelFile } from '#core/protocol/routes.ts'
import { createEngine } from '#engine/create-engine.ts'
import { resolveFile } from '#engine/files/resolve-file.ts'
import { describeModel } from '#main/server/library/describe-model.ts'
import { openModels } from '#main/server/library/models.ts'
import { embeddedModels } from '../engine-runner.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { serve } from '../server/serving.ts'
import { writeSparse } from '../sparse.ts'
import { openLibrary } from './library.ts'

const checkpoint = join(embeddedModels, 'emoji-tiny.safetensors')
const lora = join(embeddedModels, 'emoji-tiny-lcm-lora.safetensors')

/** Puts a file at a path of a new folder; a link costs nothing. */
function place(root: string, files: Readonly<Record<string, string>>): string {
  for (const [name, from] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    symlinkSync(from, join(root, name))
  }
  return root
}

/** The index over folders, and how many headers it has read. */
async function indexOf(roots: readonly string[], cacheFile = join(temporaryFolder(), 'models.json')) {
  const reads: string[] = []
  const models = await openModels({
    roots,
    cacheFile,
    engine: createEngine({ models: roots }),
    describe: (model) => {
      reads.push(model.name)
      return describeModel(model)
    },
  })
  onTestFinished(() => models.close())
  const list = async () => (await models.handlers.listModels({ id: '', body: {} })).files
  const refresh = () => models.handlers.refreshModels({ id: '', body: {} })
  await refresh()
  return { models, reads, list, refresh }
}

const byName = (files: readonly ModelFile[]) => new Map(files.map((file) => [file.name, file]))

const sparse = (path: string, name: string) => writeSparse(path, [{ name, dtype: 'F16', shape: [4, 4] }])

describe('the model index', () => {
  it('says what the embedded models are', async () => {
    const { list } = await indexOf([embeddedModels])
    const files = byName(await list())
    expect(files.get('emoji-tiny.safetensors')).toMatchObject({
      kind: 'checkpoint',
      family: 'sd1',
      summary: 'Stable Diffusion 1.x checkpoint',
      bytes: 48_611_254,
      hasPicture: false,
    })
    expect(files.get('emoji-tiny-lcm-lora.safetensors')).toMatchObject({ kind: 'lora' })
    expect(Array.from(files.values(), ({ error }) => error)).toEqual([undefined, undefined, undefined])
  })

  it.each([
    ['ComfyUI', 'models/checkpoints/sd.safetensors', 'models/loras/style/sketch.safetensors'],
    ["ComfyUI's models folder", 'checkpoints/sd.safetensors', 'loras/style/sketch.safetensors'],
    ['A1111', 'models/Stable-diffusion/sd.safetensors', 'models/Lora/style/sketch.safetensors'],
    ['a folder of any order', 'a/b/c/sd.safetensors', 'sketch.safetensors'],
  ])('understands %s, and names files as they are found', async (_, first, second) => {
    const root = place(temporaryFolder(), { [first]: checkpoint, [second]: lora })
    mkdirSync(join(root, 'venv/lib'), { recursive: true })
    sparse(join(root, 'venv/lib/x.safetensors'), 'x')
    const { list } = await indexOf([root])
    const files = await list()
    expect(files.map(({ name, kind }) => [name, kind]).sort()).toEqual(
      [
        [first, 'checkpoint'],
        [second, 'lora'],
      ].sort(),
    )
    for (const { name } of files) {
      const found = await resolveFile(name, { folders: [], models: [root], confined: true })
      expect([checkpoint, lora]).toContain(found)
    }
  })

  it('says why a file cannot be used', async () => {
    const root = temporaryFolder()
    place(root, { 'loras/good.safetensors': lora })
    mkdirSync(join(root, 'checkpoints'))
    writeFileSync(join(root, 'checkpoints/old.ckpt'), Buffer.from('\x80\x02}q\0', 'latin1'))
    writeFileSync(join(root, 'checkpoints/page.safetensors'), '<!doctype html><title>Log in</title>')
    writeFileSync(join(root, 'loras/cut.safetensors'), Buffer.alloc(4))
    sparse(join(root, 'vae.safetensors'), 'encoder.conv_in.weight')
    const files = byName(await (await indexOf([root])).list())
    expect(files.get('checkpoints/old.ckpt')).toMatchObject({
      kind: 'checkpoint',
      error: expect.stringMatching(/pickle/),
    })
    expect(files.get('checkpoints/page.safetensors')?.error).toMatch(/web page/)
    expect(files.get('loras/cut.safetensors')).toMatchObject({ kind: 'lora', error: expect.any(String) })
    expect(files.get('vae.safetensors')).toMatchObject({ kind: 'vae', summary: 'VAE alone', error: expect.any(String) })
    expect(files.get('loras/good.safetensors')?.error).toBeUndefined()
  })

  it('takes a diffusers folder for one checkpoint', async () => {
    const root = temporaryFolder()
    mkdirSync(join(root, 'sd/unet'), { recursive: true })
    writeFileSync(join(root, 'sd/model_index.json'), '{"_class_name": "StableDiffusion3Pipeline"}')
    sparse(join(root, 'sd/unet/diffusion_pytorch_model.safetensors'), 'x')
    const files = await (await indexOf([root])).list()
    expect(files).toMatchObject([
      { name: 'sd', kind: 'checkpoint', error: expect.stringMatching(/StableDiffusion3Pipeline/) },
    ])
  })

  it.skipIf(process.platform === 'win32')('fault 26: survives circles of links, pipes and depth', async () => {
    const root = place(temporaryFolder(), { 'a/sd.safetensors': checkpoint })
    symlinkSync(root, join(root, 'a/circle'))
    symlinkSync(join(root, 'self'), join(root, 'self'))
    symlinkSync('/nowhere', join(root, 'broken.safetensors'))
    execFileSync('sh', ['-c', 'mkfifo "$0"', join(root, 'pipe.safetensors')])
    mkdirSync(join(root, `deep/${'d/'.repeat(20)}`), { recursive: true })
    sparse(join(root, `deep/${'d/'.repeat(20)}x.safetensors`), 'x')
    expect((await (await indexOf([root])).list()).map(({ name }) => name)).toEqual(['a/sd.safetensors'])
  })

  it('shows of equal names the one that is found, and no file twice', async () => {
    const [first, second] = [temporaryFolder(), temporaryFolder()]
    place(first, { 'a.safetensors': checkpoint })
    place(second, { 'a.safetensors': lora, 'other.safetensors': checkpoint })
    const files = await (await indexOf([first, second, '/nowhere'])).list()
    expect(files.map(({ name, kind }) => [name, kind])).toEqual([['a.safetensors', 'checkpoint']])
  })

  it('reads 1,000 headers once, and then only those that changed', async () => {
    const root = temporaryFolder()
    for (let index = 0; index < 1000; index++) sparse(join(root, `${index % 10}/m${index}.safetensors`), 'x')
    const cacheFile = join(temporaryFolder(), 'models.json')
    const first = await indexOf([root], cacheFile)
    expect(await first.list()).toHaveLength(1000)
    expect(first.reads).toHaveLength(1000)
    await first.refresh()
    await first.list()
    expect(first.reads).toHaveLength(1000)
    await first.models.close()

    const second = await indexOf([root], cacheFile)
    expect(await second.list()).toHaveLength(1000)
    expect(second.reads).toEqual([])
    utimesSync(join(root, '7/m17.safetensors'), 5, 5)
    await second.refresh()
    expect(second.reads).toEqual(['7/m17.safetensors'])
  })

  it('fault 50: a damaged cache is read again from the files', async () => {
    const cacheFile = join(temporaryFolder(), 'models.json')
    await writeFile(cacheFile, '{"version": 1, "models": [[1]]}')
    const { list, reads } = await indexOf([embeddedModels], cacheFile)
    expect(await list()).toHaveLength(3)
    expect(reads).toHaveLength(3)
  })

  it('lists what could not be read, keeps nothing of it, and looks again', async () => {
    const root = place(temporaryFolder(), { 'a.safetensors': lora })
    const cacheFile = join(temporaryFolder(), 'models.json')
    let away = true
    const models = await openModels({
      roots: [root],
      cacheFile,
      engine: createEngine({ models: [] }),
      describe: async (model) => {
        if (away) throw new LoomError('io', 'The drive failed.')
        return describeModel(model)
      },
    })
    onTestFinished(() => models.close())
    const given = { id: '', body: {} }
    await models.handlers.refreshModels(given)
    expect((await models.handlers.listModels(given)).files).toMatchObject([{ error: 'The drive failed.' }])
    expect(existsSync(cacheFile)).toBe(false)
    away = false
    await models.handlers.refreshModels(given)
    expect((await models.handlers.listModels(given)).files).toMatchObject([{ kind: 'lora' }])
    expect(JSON.parse(await readFile(cacheFile, 'utf8')).models).toHaveLength(1)
  })

  it('tells when a file comes and when it goes', async () => {
    const root = temporaryFolder()
    const { models, list } = await indexOf([root])
    const told = () => new Promise<void>((resolve) => models.onChange(resolve))
    const came = told()
    copyFileSync(lora, join(root, 'new.safetensors'))
    await came
    expect(await list()).toHaveLength(1)
    const went = told()
    await rm(join(root, 'new.safetensors'))
    await went
    expect(await list()).toEqual([])
  })

  it('shows the picture beside a file', async () => {
    const root = place(temporaryFolder(), { 'sd.safetensors': checkpoint, 'lora.safetensors': lora })
    await sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } })
      .png()
      .toFile(join(root, 'sd.preview.png'))
    const { models, list } = await indexOf([root])
    const files = byName(await list())
    expect(files.get('lora.safetensors')?.hasPicture).toBe(false)
    expect(models.pictureOf(files.get('sd.safetensors')?.id ?? '')).toBe(join(root, 'sd.preview.png'))

    const { server, call } = await serve({ modelFolders: [root] })
    await call('POST', '/api/models/refresh')
    const told = (await call('GET', '/api/models')).json() as { files: ModelFile[] }
    const types = told.files.map(async ({ id }) => {
      const address = server.origin + byteRoutes.modelPicture(id)
      const { headers } = await fetch(address, { headers: { authorization: `Bearer ${server.token}` } })
      return headers.get('content-type')
    })
    expect((await Promise.all(types)).sort()).toEqual(['application/json; charset=utf-8', 'image/webp'])
  })
})

describe('the library', () => {
  it('inspects a model by id, validates a workflow, counts tokens and lists templates', async () => {
    const { handlers } = await openLibrary({ modelFolders: [embeddedModels] })
    await handlers.refreshModels({ id: '', body: {} })
    const { files, folders } = await handlers.listModels({ id: '', body: {} })
    expect(folders).toEqual([{ name: 'models' }])
    const id = files.find(({ kind }) => kind === 'checkpoint')?.id ?? ''
    expect(await handlers.inspectModel({ id, body: {} })).toMatchObject({ kind: 'checkpoint', family: 'SD1.x' })

    const { templates } = await handlers.listTemplates({ id: '', body: {} })
    expect(templates.map((template) => template.id).slice(0, 2)).toEqual(['lcm-lora', 'style-and-lcm-lora'])
    const missing: string[] = []
    for (const { id: template, text } of templates) {
      const { problems } = await handlers.validate({ id: '', body: { workflow: text } })
      expect(problems.filter(({ code }) => code !== 'not-found')).toEqual([])
      if (problems.length > 0) missing.push(template)
    }
    // their descriptions say which file to get
    expect(missing).toEqual(['sdxl', 'taesd'])
    // a file that is there, but not in a folder of the library
    const own = JSON.stringify(fileURLToPath(import.meta.url))
    const outside = templates.find((template) => template.id === 'image-to-image')?.text.replace('"fox.png"', own) ?? ''
    const { problems } = await handlers.validate({ id: '', body: { workflow: outside } })
    expect(problems).toMatchObject([{ code: 'not-found', node: 'picture' }])
  })

  it.each([
    ['', 0, 1],
    ['a fox on a blue background', 6, 1],
    ['a (fox:1.2) on a blue background', 6, 1],
    ['fox '.repeat(75), 75, 1],
    ['fox '.repeat(76), 76, 2],
  ])('counts the tokens of %j as %i in %i chunks', async (text, tokens, chunks) => {
    const { handlers } = await openLibrary()
    expect(await handlers.tokens({ id: '', body: { text } })).toEqual({ tokens, chunks })
  })
})
