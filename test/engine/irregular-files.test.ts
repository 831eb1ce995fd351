import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { baseFamilies } from '#core/families/families.ts'
import type { FileKind } from '#core/types/types.ts'
import { openAdapter } from '#engine/adapters/open.ts'
import { readFact } from '#engine/facts.ts'
import { readRegularFile } from '#engine/files/regular-file.ts'
import { inspectFile } from '#engine/inspect.ts'
import { FittedFactors } from '#engine/preview/fitted-factors.ts'
import { readDocumentFile } from '#main/cli/document-file.ts'
import { readPictureHeader } from '#main/server/library/picture-header.ts'
import { openThumbnails } from '#main/server/library/thumbnails.ts'
import { writeAsFolder } from '../fixtures/golden-folder.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { failureOf, openLibrary } from '../library/library.ts'
import { smallModels } from '../small-models.ts'

/** What may lie where a file is expected. Each makes it and says how the refusal names it. */
const irregular: Readonly<Record<string, { make(path: string): unknown; is: RegExp }>> = {
  pipe: { make: (path) => execFileSync('mkfifo', [path]), is: /it is a pipe, not a file/ },
  'device without an end': { make: (path) => symlinkSync('/dev/zero', path), is: /it is a device or a socket/ },
  terminal: { make: (path) => symlinkSync('/dev/ptmx', path), is: /it is a device or a socket/ },
  folder: { make: (path) => mkdirSync(path), is: /it is a folder/ },
  socket: {
    async make(path) {
      // a socket's own path has to be short
      const short = join(temporaryFolder(), 's')
      const server = createServer()
      await new Promise<void>((listening) => server.listen(short, listening))
      symlinkSync(short, path)
      onTestFinished(() => void server.close())
    },
    is: /it is a device or a socket/,
  },
}

/** Puts something irregular in the place of a file. */
async function spoil(path: string, kind: string): Promise<RegExp> {
  rmSync(path, { recursive: true, force: true })
  mkdirSync(dirname(path), { recursive: true })
  await irregular[kind]?.make(path)
  return irregular[kind]?.is ?? /never/
}

const kinds = Object.keys(irregular)
let diffusers = ''
beforeAll(async () => {
  diffusers = await writeAsFolder(join(smallModels(), 'emoji-tiny.safetensors'), join(temporaryFolder(), 'fox'))
  for (const file of [
    'model_index.json',
    'scheduler/scheduler_config.json',
    ...['unet', 'vae', 'text_encoder'].map((part) => `${part}/config.json`),
  ]) {
    mkdirSync(dirname(join(diffusers, file)), { recursive: true })
    writeFileSync(join(diffusers, file), '{}')
  }
})

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(folder, name)).isFile())

describe.skipIf(process.platform === 'win32')('no read waits for ever', () => {
  it.each(kinds)('in every file of a diffusers folder that is a %s', async (kind) => {
    const files = filesOf(diffusers)
    // model_index, scheduler, three configs, two shards and their index, text encoder, vae
    expect(files.length).toBeGreaterThan(9)
    for (const file of files) {
      const folder = join(temporaryFolder(), 'fox')
      cpSync(diffusers, folder, { recursive: true })
      const says = await spoil(join(folder, file), kind)
      expect([file, await readFact(folder, 'checkpoint')]).toEqual([
        file,
        expect.objectContaining({ kind: 'error', message: expect.stringMatching(says) }),
      ])
      expect(await failureOf(inspectFile(folder))).toMatchObject({ code: 'io', message: expect.stringMatching(says) })
    }
  })

  it.each(kinds)('in each kind of model file and picture that is a %s', async (kind) => {
    const path = join(temporaryFolder(), 'fox.safetensors')
    const says = await spoil(path, kind)
    const takes: readonly FileKind[] = ['checkpoint', 'unet', 'text-encoder', 'vae', 'lora', 'image']
    // a folder may be a diffusers folder
    for (const as of kind === 'folder' ? (['lora', 'image'] as const) : takes) {
      expect([as, await readFact(path, as)]).toEqual([as, { kind: 'error', code: 'io', ...words(says) }])
    }
    expect(await failureOf(readRegularFile(path))).toMatchObject({ code: 'io', message: expect.stringMatching(says) })
  })

  it.each(kinds)('in the settings beside an adapter that are a %s', async (kind) => {
    const folder = temporaryFolder()
    const path = join(folder, 'adapter_model.safetensors')
    cpSync(join(smallModels(), 'emoji-tiny-lcm-lora.safetensors'), path)
    const says = await spoil(join(folder, 'adapter_config.json'), kind)
    expect((await failureOf(openAdapter(path))).message).toMatch(says)
  })

  it.each(kinds)('in documents and pictures that are a %s', async (kind) => {
    const folder = temporaryFolder()
    const path = join(folder, 'fox.loom.json')
    const says = await spoil(path, kind)
    const library = await openLibrary()
    const thumbnails = await openThumbnails(join(folder, 'thumbnails'))
    const readers = {
      document: () => readDocumentFile(path),
      added: () => library.addDocument(path),
      thumbnail: () => thumbnails.of(path),
      header: () => readPictureHeader(path, 'fox.png'),
    }
    for (const [reader, read] of Object.entries(readers)) {
      const { message } = await failureOf(read())
      expect([reader, message]).toEqual([reader, expect.stringMatching(says)])
    }
  })

  it.each(kinds)('in files of the program that are a %s', async (kind) => {
    const dataFolder = temporaryFolder()
    for (const name of [
      'documents.json',
      'cache/models.json',
      'cache/pictures.json',
      `drafts/${'0'.repeat(32)}.json`,
    ]) {
      await spoil(join(dataFolder, name), kind)
    }
    const { handlers } = await openLibrary({ dataFolder })
    const nothing = { id: '', body: {} }
    expect(await handlers.listDrafts(nothing)).toEqual({ drafts: [] })
    expect(await handlers.listPictures(nothing)).toMatchObject({ pictures: [] })
    expect(await handlers.listDocuments(nothing)).toEqual({ documents: [], recent: [] })
    await spoil(join(dataFolder, 'previews', 'vae.json'), kind)
    const { rgbFactors } = baseFamilies.sd1.latents
    expect(await new FittedFactors(dataFolder).of('vae', 'sd1')).toEqual(rgbFactors)
  })
})

function words(says: RegExp) {
  return { message: expect.stringMatching(says), hint: expect.any(String) }
}
