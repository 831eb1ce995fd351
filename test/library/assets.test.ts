import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { crc32 } from '#core/formats/crc32.ts'
import { type Asset, byteRoutes } from '#core/protocol/routes.ts'
import { type Serving, serve } from '../server/serving.ts'
import { failureOf, hostileIds, openLibrary, workflowText } from './library.ts'

const plain = sharp({ create: { width: 40, height: 30, channels: 3, background: '#4080c0' } })
const png = await plain.clone().png().toBuffer()
const jpeg = await plain.clone().jpeg().toBuffer()
const webp = await plain.clone().webp().toBuffer()
const tiff = await plain.clone().tiff().toBuffer()

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  checksum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, checksum])
}

/** The PNG file with chunks put behind its header. */
const withChunks = (...chunks: Buffer[]): Buffer => Buffer.concat([png.subarray(0, 33), ...chunks, png.subarray(33)])

/** A PNG file that says it is this large. */
function claiming(width: number, height: number): Buffer {
  const size = Buffer.alloc(13)
  size.writeUInt32BE(width)
  size.writeUInt32BE(height, 4)
  size.set([8, 2, 0, 0, 0], 8)
  return Buffer.concat([png.subarray(0, 8), chunk('IHDR', size), png.subarray(33)])
}

const authorized = ({ server }: Serving) => ({ authorization: `Bearer ${server.token}` })

const upload = (serving: Serving, bytes: Uint8Array, type = 'image/png') =>
  fetch(serving.server.origin + byteRoutes.assets, {
    method: 'POST',
    headers: { ...authorized(serving), 'content-type': type },
    body: Uint8Array.from(bytes),
  })

const get = (serving: Serving, path: string) => fetch(serving.server.origin + path, { headers: authorized(serving) })

describe('assets', () => {
  it('are named by their bytes, and come back as what they are', async () => {
    const serving = await serve()
    for (const [bytes, type, ending] of [
      [png, 'image/png', 'png'],
      [jpeg, 'image/jpeg', 'jpg'],
      [webp, 'image/webp', 'webp'],
    ] as const) {
      // what the sender says it is does not count
      const { name, width, height } = (await (await upload(serving, bytes, 'image/png')).json()) as Asset
      expect(name).toMatch(new RegExp(`^[0-9a-f]{64}\\.${ending}$`))
      expect([width, height]).toEqual([40, 30])
      const answer = await get(serving, byteRoutes.asset(name))
      expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true)
      expect(answer.headers.get('content-type')).toBe(type)
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
      expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; sandbox/)
      expect((await (await upload(serving, bytes)).json()) as Asset).toEqual({ name, width, height })
    }
    expect(await readdir(join(serving.folder, 'data', 'assets'))).toHaveLength(3)
  })

  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'
  it.each([
    ['SVG', Buffer.from(svg)],
    ['HTML', Buffer.from('<!doctype html><script>alert(1)</script>')],
    ['PDF', Buffer.from('%PDF-1.7\n')],
    ['GIF', Buffer.from('GIF89a\x01\0\x01\0\0\0\0;', 'latin1')],
    ['TIFF', tiff],
    ['nothing', Buffer.alloc(0)],
    ['a signature alone', png.subarray(0, 8)],
    ['an SVG behind a signature', Buffer.concat([png.subarray(0, 8), Buffer.from(svg)])],
    ['fault 15: a pixel bomb', claiming(65_535, 65_535)],
    [
      'fault 12: a chunk longer than the file',
      Buffer.concat([png.subarray(0, 8), Buffer.from([0x7f, 0xff, 0xff, 0xff])]),
    ],
  ])('fault 16 and 44: refused as %s, whatever is said of it', async (_, bytes) => {
    const serving = await serve()
    for (const type of ['image/png', 'image/svg+xml', 'text/html']) {
      const { status } = await upload(serving, bytes, type)
      expect(status).toBeGreaterThanOrEqual(400)
      expect(status).toBeLessThan(500)
    }
    expect(await readdir(join(serving.folder, 'data', 'assets'))).toEqual([])
  })

  it('fault 13 and 14: texts that inflate without end, or are without number, are not read', async () => {
    const serving = await serve()
    const bomb = chunk('zTXt', Buffer.concat([Buffer.from('a\0\0'), deflateSync(Buffer.alloc(2 ** 26))]))
    const many = Array.from({ length: 20_000 }, (_, index) => chunk('tEXt', Buffer.from(`k${index}\0v`)))
    for (const bytes of [withChunks(bomb), withChunks(...many), Buffer.concat([png, Buffer.from('more')])]) {
      const answer = await upload(serving, bytes)
      expect(answer.status === 200 ? ((await answer.json()) as Asset).width : 40).toBe(40)
      expect(answer.status).toBeLessThan(500)
    }
  })

  it('have an end', async () => {
    const serving = await serve()
    expect((await upload(serving, Buffer.alloc(64 * 2 ** 20 + 1))).status).toBe(413)
  })

  it('fault 38: no name and no id leads elsewhere', async () => {
    const serving = await serve()
    const folder = join(serving.folder, 'data', 'assets')
    await writeFile(join(serving.folder, 'data', 'secret.png'), png)
    await symlink(join(serving.folder, 'data', 'secret.png'), join(folder, 'link.png'))
    const named = Object.values(byteRoutes).filter((route) => typeof route === 'function')
    for (const id of [...hostileIds, '../secret.png', 'link.png', '..%2fsecret.png', 'x'.repeat(300)]) {
      for (const route of named) {
        const { status } = await get(serving, route(id))
        expect([400, 404, 414]).toContain(status)
      }
    }
  })
})

describe('a workflow that names an asset', () => {
  it('is told of it, and takes it along when it is saved', async () => {
    const { handlers, dataFolder, jobFolders } = await openLibrary()
    const name = `${'0'.repeat(64)}.png`
    await writeFile(join(dataFolder, 'assets', name), png)
    const file = { name, kind: 'image' } as const
    const facts = await handlers.facts({ id: '', body: { files: [file] } })
    expect(facts.files).toEqual([{ ...file, knowledge: { kind: 'image', width: 40, height: 30 } }])
    expect(jobFolders().folders).toContain(join(dataFolder, 'assets'))

    await handlers.createDocument({ id: '', body: { name: 'a', text: workflowText(name), replace: false } })
    expect(await readFile(join(dataFolder, 'workflows', name))).toEqual(png)
  })

  it('takes nothing else along, and covers nothing', async () => {
    const { handlers, dataFolder } = await openLibrary()
    await writeFile(join(dataFolder, 'secret.png'), png)
    await writeFile(join(dataFolder, 'assets', 'taken.png'), png)
    await mkdir(join(dataFolder, 'workflows'), { recursive: true })
    await writeFile(join(dataFolder, 'workflows', 'taken.png'), jpeg)
    for (const name of ['../secret.png', join(dataFolder, 'secret.png'), 'taken.png', 'missing.png', '..']) {
      await handlers.createDocument({ id: '', body: { name: 'a', text: workflowText(name), replace: true } })
    }
    expect((await readdir(join(dataFolder, 'workflows'))).sort()).toEqual(['a.loom.json', 'taken.png'])
    expect(await readFile(join(dataFolder, 'workflows', 'taken.png'))).toEqual(jpeg)
  })
})

describe('facts', () => {
  it('fault 38: of files outside the folders nothing is told, not even that they are there', async () => {
    const { handlers, dataFolder } = await openLibrary()
    await writeFile(join(dataFolder, 'secret.png'), png)
    const names = ['../secret.png', join(dataFolder, 'secret.png'), '..\\secret.png', '/etc/passwd', '..', 'a\0b']
    const files = names.map((name) => ({ name, kind: 'image' as const }))
    const told = await handlers.facts({ id: '', body: { files } })
    for (const { knowledge } of told.files) expect(knowledge).toMatchObject({ kind: 'error', code: 'not-found' })
  })

  it('are read again when the file has changed', async () => {
    const { handlers, dataFolder } = await openLibrary()
    const path = join(dataFolder, 'assets', 'a.png')
    const size = async () =>
      (await handlers.facts({ id: '', body: { files: [{ name: 'a.png', kind: 'image' }] } })).files[0]?.knowledge
    expect(await size()).toMatchObject({ kind: 'error' })
    await writeFile(path, png)
    expect(await size()).toMatchObject({ width: 40 })
    await writeFile(path, await plain.clone().resize(20).png().toBuffer())
    expect(await size()).toMatchObject({ width: 20 })
  })

  it('and runs use templates pictures too, and names beside the saved document', async () => {
    const { handlers, dataFolder } = await openLibrary()
    const workflow = { name: 'a', text: workflowText('own.png'), replace: false }
    const { id } = await handlers.createDocument({ id: '', body: workflow })
    await writeFile(join(dataFolder, 'workflows', 'own.png'), png)
    const files = ['own.png', 'fox.png'].map((name) => ({ name, kind: 'image' as const }))
    const widths = async (document?: string) => {
      const told = await handlers.facts({ id: '', body: { files, ...(document && { document }) } })
      return told.files.map(({ knowledge }) => (knowledge.kind === 'image' ? knowledge.width : knowledge.kind))
    }
    expect(await widths(id)).toEqual([40, 128])
    expect(await widths()).toEqual(['error', 128])
    expect(await widths('no such id')).toEqual(['error', 128])
  })
})

describe('a picture that cannot be served', () => {
  it('is a problem with a code', async () => {
    const { handlers } = await openLibrary()
    for (const id of hostileIds) {
      expect((await failureOf(handlers.deletePicture({ id, body: {} }))).code).toBe('not-found')
      expect((await failureOf(handlers.inspectModel({ id, body: {} }))).code).toBe('not-found')
    }
  })
})
