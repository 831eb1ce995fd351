import { link, mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import sharp from 'sharp'
import { describe, expect, it, onTestFinished } from 'vitest'
import { documentKeyword, insertPngTexts } from '#core/formats/png.ts'
import { byteRoutes } from '#core/protocol/routes.ts'
import { openBin } from '#main/server/library/bin.ts'
import { idOf } from '#main/server/library/ids.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { serve } from '../server/serving.ts'
import { templateText } from '../workflow/documents.ts'
import { failureOf, type OpenedLibrary, openLibrary } from './library.ts'

const size = { width: 48, height: 32 }
const bare = await sharp({ create: { ...size, channels: 3, background: '#4080c0' } })
  .png()
  .toBuffer()
const parameters = 'a fox\nSteps: 4, Sampler: LCM, CFG scale: 1, Seed: 42, Size: 48x32'
const png = (document: string) =>
  Buffer.from(
    insertPngTexts(
      bare,
      new Map([
        [documentKeyword, document],
        ['parameters', parameters],
      ]),
    ),
  )
const made = png(templateText('lcm-lora'))

const list = async ({ handlers }: OpenedLibrary) => (await handlers.listPictures({ id: '', body: {} })).pictures
const output = ({ dataFolder }: OpenedLibrary) => join(dataFolder, 'pictures')

describe('pictures', () => {
  it('are those of the folder, the newest first, whoever wrote them', async () => {
    const library = await openLibrary()
    for (const [index, name] of ['b-00001.png', 'a-00001.png', 'c-00001.png'].entries()) {
      await writeFile(join(output(library), name), made)
      await utimes(join(output(library), name), 1000 + index, 1000 + index)
    }
    const pictures = await list(library)
    expect(pictures.map(({ name }) => name)).toEqual(['c-00001.png', 'a-00001.png', 'b-00001.png'])
    expect(pictures[0]).toMatchObject({ ...size, node: 'save', seed: '42', passing: false, made: 1_002_000 })
  })

  it('tell the node of a workflow with several by the name', async () => {
    const library = await openLibrary()
    const compare = png(templateText('compare-schedulers'))
    for (const prefix of ['lcm', 'ddim', 'dpmpp'])
      await writeFile(join(output(library), `${prefix}-00007.png`), compare)
    const nodes = Object.fromEntries((await list(library)).map(({ name, node }) => [name, node]))
    expect(nodes).toEqual({
      'lcm-00007.png': 'lcm-save',
      'ddim-00007.png': 'ddim-save',
      'dpmpp-00007.png': 'dpmpp-save',
    })
  })

  it('lie in subfolders too, and tell their node where the prefix has patterns', async () => {
    const library = await openLibrary()
    const saving = (prefix: string) => ({ type: 'save-image', version: 1, inputs: { prefix } })
    const document = JSON.stringify({ nodes: { fox: saving('%date%/fox'), cat: saving('cats/%seed%') } })
    const names = ['2026-03-05/fox-00001.png', 'cats/7-00001.png', 'cats/7-00002.png']
    for (const name of names) {
      const path = join(output(library), name)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, png(document))
    }
    await mkdir(join(output(library), '.hidden'))
    await writeFile(join(output(library), '.hidden/a-00001.png'), made)
    await symlink(output(library), join(output(library), 'around'))
    const listed = async () => Object.fromEntries((await list(library)).map(({ name, node }) => [name, node]))
    expect(await listed()).toEqual({ [names[0] ?? '']: 'fox', [names[1] ?? '']: 'cat', [names[2] ?? '']: 'cat' })

    await writeFile(join(output(library), 'cats/8-00001.png'), made)
    expect(Object.keys(await listed())).toContain('cats/8-00001.png')
    await rm(join(output(library), 'cats'), { recursive: true })
    expect(Object.keys(await listed())).toEqual([names[0]])

    const path = join(output(library), 'cats/9-00001.png')
    await mkdir(dirname(path))
    await writeFile(path, made)
    const added = await library.addPicture({ path, node: 'cat', ...size, passing: false })
    expect(added.name).toBe('cats/9-00001.png')
    await library.handlers.deletePicture({ id: added.id, body: {} })
    expect(await readdir(dirname(path))).toEqual([])
    await library.handlers.restorePicture({ id: added.id, body: {} })
    expect(await readdir(dirname(path))).toEqual(['9-00001.png'])
  })

  it('with a workflow of a thousand nodes tell their seed, and what is no picture is passed over', async () => {
    const library = await openLibrary()
    const large = JSON.stringify({ nodes: { save: { type: 'save-image', inputs: {} } }, fill: 'x'.repeat(300_000) })
    await writeFile(join(output(library), 'large.png'), png(large))
    await writeFile(join(output(library), 'cut.png'), made.subarray(0, 20))
    await writeFile(join(output(library), 'page.png'), '<html>')
    await writeFile(join(output(library), 'prompts.png'), png('{"nodes": {"__proto__": 1}}'))
    await symlink('/etc/passwd', join(output(library), 'link.png'))
    const seeds = Object.fromEntries((await list(library)).map(({ name, node, seed }) => [name, [node, seed]]))
    expect(seeds).toEqual({ 'large.png': ['save', '42'], 'prompts.png': ['', '42'] })
  })

  it('come and go with the folder, and their headers are read once', async () => {
    const library = await openLibrary()
    const path = join(output(library), 'a-00001.png')
    await writeFile(path, made)
    const [picture] = await list(library)
    await library.handlers.deletePicture({ id: picture?.id ?? '', body: {} })
    expect(await list(library)).toEqual([])
    expect(await readdir(output(library))).toEqual(['.bin'])
    expect((await failureOf(library.handlers.deletePicture({ id: picture?.id ?? '', body: {} }))).code).toBe(
      'not-found',
    )

    await writeFile(path, made)
    await list(library)
    await library.close()
    // what stands in the index is believed as long as size and time are the same
    const index = join(library.dataFolder, 'cache', 'pictures.json')
    await writeFile(index, (await readFile(index, 'utf8')).replace('"42"', '"43"'))
    const after = await openLibrary({ dataFolder: library.dataFolder })
    expect((await list(after))[0]?.seed).toBe('43')
    await writeFile(path, Buffer.concat([made, Buffer.from('x')]))
    const again = await openLibrary({ dataFolder: library.dataFolder })
    expect((await list(again))[0]?.seed).toBe('42')
  })

  it('fault 50: a damaged index is set aside', async () => {
    const library = await openLibrary()
    await writeFile(join(output(library), 'a-00001.png'), made)
    await writeFile(join(library.dataFolder, 'cache', 'pictures.json'), '[{"name": 1}]')
    const after = await openLibrary({ dataFolder: library.dataFolder })
    expect(await list(after)).toHaveLength(1)
    expect((await readdir(join(library.dataFolder, 'cache'))).some((name) => name.endsWith('.damaged'))).toBe(true)
  })

  it('that pass are the last 200, and gone with the program', async () => {
    const library = await openLibrary()
    const { scratch } = library.jobFolders()
    const add = async (index: number) => {
      const path = join(scratch, `${index}.png`)
      await writeFile(path, made)
      return library.addPicture({ path, node: 'decode', ...size, passing: true })
    }
    for (let index = 0; index < 201; index++) await add(index)
    expect(await readdir(scratch)).toHaveLength(200)
    expect(await list(library)).toEqual([])
    await library.close()
    expect((await failureOf(add(1).catch(() => library.handlers.deletePicture({ id: '1', body: {} })))).code).toBe(
      'not-found',
    )
  })

  it('that a run made are there at once, and only where pictures are made', async () => {
    const library = await openLibrary()
    const path = join(output(library), 'a-00001.png')
    await writeFile(path, made)
    const picture = await library.addPicture({ path, node: 'own', ...size, seed: '7', passing: false })
    expect(picture).toMatchObject({ node: 'own', seed: '7', name: 'a-00001.png' })
    expect(await list(library)).toEqual([picture])
    const elsewhere = join(library.dataFolder, 'x.png')
    await writeFile(elsewhere, made)
    const added = library.addPicture({ path: elsewhere, node: '', ...size, passing: false })
    expect((await failureOf(added)).code).toBe('internal')
  })

  it('fault 42: with 10,000 of them, other requests are answered meanwhile', async () => {
    const library = await openLibrary()
    await writeFile(join(output(library), 'p-00000.png'), made)
    const first = join(output(library), 'p-00000.png')
    for (let index = 1; index < 10_000; index++) {
      await link(first, join(output(library), `p-${String(index).padStart(5, '0')}.png`))
    }
    let turns = 0
    const ticking = setInterval(() => turns++, 1)
    const cold = await list(library)
    const during = turns
    const warm = await list(library)
    clearInterval(ticking)
    expect([cold.length, warm.length]).toEqual([10_000, 10_000])
    expect(during).toBeGreaterThan(20)
  })
})

describe('deleting a picture asks nothing and can be undone', () => {
  const act = (library: OpenedLibrary, verb: 'deletePicture' | 'restorePicture', id = '') =>
    library.handlers[verb]({ id, body: {} })

  it('moves it into the bin, from where it comes back as it was, also after a restart', async () => {
    const library = await openLibrary()
    const told: unknown[] = []
    library.onPicture((id, picture) => told.push([id, picture?.name]))
    await writeFile(join(output(library), 'a-00001.png'), made)
    await utimes(join(output(library), 'a-00001.png'), 1000, 1000)
    const [picture] = await list(library)
    await act(library, 'deletePicture', picture?.id)
    expect(await list(library)).toEqual([])
    expect(await readdir(output(library))).toEqual(['.bin'])

    const after = await openLibrary({ dataFolder: library.dataFolder })
    expect(await list(after)).toEqual([])
    expect(await act(after, 'restorePicture', picture?.id)).toEqual(picture)
    expect(await list(after)).toEqual([picture])
    expect((await readFile(join(output(library), 'a-00001.png'))).equals(made)).toBe(true)
    expect((await failureOf(act(after, 'restorePicture', picture?.id))).code).toBe('not-found')
    expect(told).toEqual([[picture?.id, undefined]])
  })

  it('keeps every picture of one name, and the last one deleted comes back first', async () => {
    const library = await openLibrary()
    const path = join(output(library), 'a-00001.png')
    const other = png(templateText('image-to-image'))
    let id: string | undefined
    for (const bytes of [made, other]) {
      await writeFile(path, bytes)
      id = (await list(library))[0]?.id
      await act(library, 'deletePicture', id)
    }
    await act(library, 'restorePicture', id)
    expect((await readFile(path)).equals(other)).toBe(true)
    // a name that is taken is never written over
    expect(await act(library, 'restorePicture', id)).toMatchObject({ name: 'a-00001 (2).png' })
    expect((await readFile(path)).equals(other)).toBe(true)
    expect((await readFile(join(output(library), 'a-00001 (2).png'))).equals(made)).toBe(true)
  })

  it('tells of pictures that another program deleted, as soon as they are missed', async () => {
    const serving = await serve()
    const folder = join(serving.folder, 'data', 'pictures')
    for (const name of ['a-00001.png', 'b-00001.png']) await writeFile(join(folder, name), made)
    const { pictures } = (await serving.call('GET', '/api/pictures')).json() as { pictures: { id: string }[] }
    const listener = await serving.connect()
    for (const name of ['a-00001.png', 'b-00001.png']) await rm(join(folder, name))
    await serving.call('GET', byteRoutes.thumbnail(pictures[0]?.id ?? ''))
    await serving.call('GET', '/api/pictures')
    const gone = () => listener.messages.flatMap((message) => (message.type === 'picture' ? [message.id] : []))
    await expect.poll(gone).toEqual(pictures.map(({ id }) => id))
  })

  it('empties itself: what was deleted 31 days ago is gone, what lies there for 30 days is not', async () => {
    const folder = temporaryFolder()
    const start = Date.parse('2026-01-01T12:00:00Z')
    const at = (days: number) => start + days * 86_400_000
    const idIn = async (days: number, name: string) => {
      const bin = openBin(folder, { now: () => at(days) })
      onTestFinished(() => bin.close())
      await writeFile(join(folder, name), name)
      await bin.take(name)
      return bin
    }
    await idIn(0, 'old.png')
    const bin = await idIn(1, 'new.png')
    await writeFile(join(folder, '.bin', 'note.txt'), 'of the user')
    openBin(folder, { now: () => at(30) }).close()
    openBin(folder, { now: () => at(31) }).close()
    await expect.poll(() => readdir(join(folder, '.bin'))).toEqual(['2026-01-02', 'note.txt'])
    expect((await failureOf(bin.putBack(idOf('old.png')))).code).toBe('not-found')
    expect(await bin.putBack(idOf('new.png'))).toBe('new.png')
  })

  const hundred = (name: string, size = 100) => ({ name, size })
  it.each<[what: string, deleted: readonly { name: string; size: number; day?: number }[], stays: readonly string[]]>([
    ['less than it holds', [hundred('a.png'), hundred('b.png')], ['a.png', 'b.png']],
    ['as much as it holds', [hundred('a.png'), hundred('b.png'), hundred('c.png')], ['a.png', 'b.png', 'c.png']],
    [
      'more, of one day',
      [hundred('d.png'), hundred('c.png'), hundred('b.png'), hundred('a.png')],
      ['a.png', 'b.png', 'c.png'],
    ],
    [
      'more, in subfolders and of several days',
      [hundred('x/a.png'), { ...hundred('b.png', 250), day: 1 }, { ...hundred('y/c.png', 60), day: 2 }],
      ['c.png'],
    ],
    ['the last alone is more', [hundred('a.png'), hundred('b.png', 1000)], ['b.png']],
    ['names that were deleted before', [hundred('a.png', 200), hundred('a.png'), hundred('b.png')], ['a.png', 'b.png']],
  ])('holds so many bytes, and the oldest go first: %s', async (_, deleted, stays) => {
    const folder = temporaryFolder()
    let days = 0
    const now = () => Date.parse('2026-01-01T12:00:00Z') + days * 86_400_000
    const bin = openBin(folder, { now, most: 300 })
    onTestFinished(() => bin.close())
    for (const { name, size, day = 0 } of deleted) {
      days = day
      await mkdir(dirname(join(folder, name)), { recursive: true })
      await writeFile(join(folder, name), Buffer.alloc(size))
      await bin.take(name)
      // the order of deletion has to show in the time of the file system
      await sleep(10)
    }
    const left = async () =>
      (await readdir(join(folder, '.bin'), { recursive: true }))
        .filter((name) => name.endsWith('.png'))
        .map((name) => basename(name))
    await expect.poll(async () => (await left()).sort()).toEqual(stays)
    const last = deleted.at(-1)?.name ?? ''
    expect(await bin.putBack(idOf(last))).toBe(last)
  })
})

describe('over HTTP', () => {
  it('pictures and thumbnails come as what they are, and only by id', async () => {
    const serving = await serve()
    const folder = join(serving.folder, 'data', 'pictures')
    await writeFile(join(folder, 'a-00001.png'), made)
    const large = await sharp(made).resize(600, 300).png().toBuffer()
    await writeFile(join(folder, 'b-00001.png'), large)
    await writeFile(join(folder, 'c-00001.png'), Buffer.concat([made.subarray(0, 33), Buffer.from('no more')]))
    const { pictures } = (await serving.call('GET', '/api/pictures')).json() as {
      pictures: { id: string; name: string }[]
    }
    const get = async (path: string) => {
      const answer = await fetch(serving.server.origin + path, {
        headers: { authorization: `Bearer ${serving.server.token}` },
      })
      return { answer, bytes: Buffer.from(await answer.arrayBuffer()) }
    }
    const idOf = (wanted: string) => pictures.find(({ name }) => name === wanted)?.id ?? ''
    const whole = await get(byteRoutes.picture(idOf('a-00001.png')))
    expect(whole.bytes.equals(made)).toBe(true)
    expect(whole.answer.headers.get('content-type')).toBe('image/png')
    for (let round = 0; round < 2; round++) {
      const small = await get(byteRoutes.thumbnail(idOf('b-00001.png')))
      expect(small.answer.headers.get('content-type')).toBe('image/webp')
      expect(small.answer.headers.get('x-content-type-options')).toBe('nosniff')
      expect(await sharp(small.bytes).metadata()).toMatchObject({ format: 'webp', width: 256, height: 128 })
    }
    const damaged = await get(byteRoutes.thumbnail(idOf('c-00001.png')))
    expect(damaged.answer.status).toBeLessThan(500)
    expect((await get(byteRoutes.picture('a-00001.png'))).answer.status).toBe(404)
    const template = await get(byteRoutes.templatePicture('compare-schedulers'))
    expect(await sharp(template.bytes).metadata()).toMatchObject({ format: 'webp', width: 256 })
  })
})
