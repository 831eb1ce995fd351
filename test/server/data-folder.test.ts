import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'
import { LoomError } from '#core/errors.ts'
import { keptToken } from '#main/server/access.ts'
import { DataFolderInUse, ownFolders, takeDataFolder } from '#main/server/data-folder.ts'
import { commandLine, startCommandLine } from '../cli/command-line.ts'
import { workflowText } from '../library/library.ts'
import { passingFolder, serve } from './serving.ts'

const draft = (id: string) => ({ id, title: '', text: workflowText('a.png'), unsaved: true, position: 0, base: null })

/** Everything in a folder with its rights, the folder itself as ''. */
async function rightsIn(folder: string): Promise<Record<string, string>> {
  const names = ['', ...(await readdir(folder, { recursive: true }))]
  const rights = names.map(async (name) => {
    const { mode } = await stat(join(folder, name))
    return [name, (mode & 0o777).toString(8)] as const
  })
  return Object.fromEntries(await Promise.all(rights))
}

describe.skipIf(process.platform === 'win32')('the data folder is its owner’s alone', () => {
  it('with all that a server puts into it', async () => {
    const { call, submit, over, folder, ask, server } = await serve()
    expect((await call('PUT', '/api/drafts/tab', draft('tab'))).status).toBe(200)
    const made = await call('POST', '/api/documents', { name: 'fox', text: workflowText('a.png') })
    const { id, revision } = made.json() as { id: string; revision: string }
    await call('PUT', `/api/documents/${id}`, { text: workflowText('b.png'), revision })
    const png = await readFile('resources/templates/masks/disc.png').catch(() => undefined)
    const headers = { authorization: `Bearer ${server.token}`, 'content-type': 'image/png' }
    if (png) await ask('/api/assets', { method: 'POST', headers, body: png })
    await over((await submit('picture')).id)
    const data = join(folder, 'data')
    const rights = await rightsIn(data)
    for (const [name, mode] of Object.entries(rights)) {
      const isFolder = (await stat(join(data, name))).isDirectory()
      // the acting engine writes its picture by itself
      if (!/\.png$/.test(name)) expect([name, mode]).toEqual([name, isFolder ? '700' : '600'])
    }
    expect(Object.keys(rights)).toEqual(expect.arrayContaining(['token', 'server.json', 'documents.json', 'backups']))
  })

  it('also when somebody has loosened it, token and all', async () => {
    const data = join(passingFolder(), 'data')
    const first = await takeDataFolder(data)
    const token = await keptToken(data)
    first.release()
    for (const name of ['', ...ownFolders]) await chmod(join(data, name), 0o755)
    for (const name of ['token', 'server.json', 'server.lock']) await chmod(join(data, name), 0o644)
    const { server } = await serve({ dataFolder: data })
    const loose = Object.entries(await rightsIn(data)).filter(([, mode]) => mode !== '700' && mode !== '600')
    expect([server.token, loose]).toEqual([token, []])
  })

  it('but a folder of other things keeps its rights', async () => {
    const folder = passingFolder()
    await writeFile(join(folder, 'holiday.jpg'), '')
    await chmod(folder, 0o755)
    await serve({ dataFolder: folder })
    const rights = await rightsIn(folder)
    expect([rights[''], rights.drafts, rights.token]).toEqual(['755', '700', '600'])
  })

  it('and a link in it is left as it is', async () => {
    const folder = passingFolder()
    const models = join(folder, 'shared')
    await mkdir(models, { mode: 0o755 })
    await mkdir(join(folder, 'data'))
    await symlink(models, join(folder, 'data', 'models'))
    await serve({ dataFolder: join(folder, 'data') })
    expect((await stat(models)).mode & 0o777).toBe(0o755)
  })
})

it('makes every folder again that is gone', async () => {
  const { call, folder, ask, server, submit, over } = await serve()
  const made = await call('POST', '/api/documents', { name: 'fox', text: workflowText('a.png') })
  const { id } = made.json() as { id: string }
  const statuses = {
    drafts: async () => (await call('GET', '/api/drafts')).status,
    draft: async () => (await call('PUT', '/api/drafts/tab', draft('tab'))).status,
    documents: async () => (await call('GET', '/api/documents')).status,
    pictures: async () => (await call('GET', '/api/pictures')).status,
    asset: async () => {
      const headers = { authorization: `Bearer ${server.token}`, 'content-type': 'image/png' }
      return (await ask('/api/assets', { method: 'POST', headers, body: onePixel })).status
    },
    created: async (name: string) =>
      (await call('POST', '/api/documents', { name, text: workflowText('a.png') })).status,
    saved: async (name: string) =>
      (await call('PUT', `/api/documents/${id}`, { text: workflowText(`${name}.png`), revision: null })).status,
  }
  for (const name of ['drafts', 'assets', 'workflows', 'backups', 'cache', 'pictures']) {
    await rm(join(folder, 'data', name), { recursive: true, force: true })
    for (const [what, status] of Object.entries(statuses)) {
      expect([name, what, await status(name)]).toEqual([name, what, 200])
    }
    const job = await over((await submit('picture')).id)
    expect([name, job.state, job.pictures.length]).toEqual([name, 'done', 1])
  }
})

const onePixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

it('sweeps what killed processes left, and nothing of those that live', async () => {
  const folder = passingFolder()
  const data = join(folder, 'data')
  const out = join(folder, 'out')
  const elsewhere = join(folder, 'elsewhere')
  const document = join(elsewhere, 'fox.loom.json')
  for (const each of [
    ...ownFolders.map((name) => join(data, name)),
    join(data, 'backups', 'a'),
    join(out, 'foxes'),
    elsewhere,
  ]) {
    await mkdir(each, { recursive: true })
  }
  await writeFile(document, workflowText('a.png'))
  const first = await serve({ dataFolder: data, outputFolder: out })
  await first.server.library.addDocument(document)
  await first.server.close()
  const left = [
    '.latent-loom-0123456789abcdef.tmp',
    '.latent-loom-999999999-0123456789abcdef.tmp',
    `.latent-loom-${process.pid}-01.tmp`,
  ]
  const kept = [`.latent-loom-${process.ppid}-0123456789abcdef.tmp`, 'latent-loom.tmp', '.other.tmp', 'fox.png']
  const places = [
    data,
    join(data, 'drafts'),
    join(data, 'backups', 'a'),
    join(data, 'workflows'),
    out,
    join(out, 'foxes'),
    elsewhere,
  ]
  for (const place of places) for (const name of [...left, ...kept]) await writeFile(join(place, name), '')
  await mkdir(join(data, 'cache', 'scratch', 'deep'), { recursive: true })
  await serve({ dataFolder: data, outputFolder: out })
  for (const place of places) {
    const names = await readdir(place)
    expect([place, names.filter((name) => left.includes(name))]).toEqual([place, []])
    expect([place, names]).toEqual([place, expect.arrayContaining(kept)])
  }
  expect(await readdir(join(data, 'cache', 'scratch'))).toEqual([])
})

describe('of several servers on one data folder', () => {
  it('one owns it, and the others say so and where it is found', async () => {
    const { server, folder } = await serve()
    const data = join(folder, 'data')
    const second = await takeDataFolder(data).catch((error: unknown) => error)
    if (!(second instanceof DataFolderInUse)) throw second
    expect(second.message).toMatch(
      new RegExp(`^The data folder ${data} is in use by another Latent Loom \\(process ${process.pid}, started 20`),
    )
    expect(second.hint).toContain(server.origin)
    const entry = (await second.entry?.()) ?? ''
    expect(entry).not.toContain(server.token)
    expect((await fetch(entry, { redirect: 'manual' })).status).toBe(303)
    expect((await fetch(entry, { redirect: 'manual' })).status).toBe(401)
    await server.close()
    ;(await takeDataFolder(data)).release()
  })

  it('one starts, however many start at once', async () => {
    const data = join(passingFolder(), 'data')
    const starts = await Promise.allSettled(Array.from({ length: 8 }, () => takeDataFolder(data, { patience: 0 })))
    expect(starts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const start of starts) {
      if (start.status === 'fulfilled') start.value.release()
      else expect(start.reason).toBeInstanceOf(DataFolderInUse)
    }
  })

  it('the window’s waits for the end of the window’s before, and any other does not', async () => {
    const data = join(passingFolder(), 'data')
    const before = await takeDataFolder(data, { inWindow: true })
    await before.announce('http://127.0.0.1:1')
    await expect(takeDataFolder(data)).rejects.toBeInstanceOf(DataFolderInUse)
    const next = takeDataFolder(data, { inWindow: true })
    before.release()
    ;(await next).release()
  })

  it('one that comes after another listens where that one did', async () => {
    const first = await serve()
    await first.server.close()
    const second = await serve({ port: undefined, dataFolder: join(first.folder, 'data') })
    expect(second.port).toBe(first.port)
  })

  it('a killed one leaves it to the next, and the command line says who has it', async () => {
    const folder = passingFolder()
    const args = ['serve', '--port', '0', '--data', folder]
    const start = async () => {
      const started = startCommandLine(args)
      const [line] = await createInterface({ input: started.child.stdout ?? process.stdin })
        [Symbol.asyncIterator]()
        .next()
        .then(({ value }) => [String(value)])
      return { ...started, origin: new URL(line ?? '').origin }
    }
    const first = await start()
    const { code, stderr, stdout } = await commandLine(args)
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(`in use by another Latent Loom (process ${first.child.pid}, started`)
    expect(stderr).toContain(`hint: Open that one, at ${first.origin}`)
    const controlled = await commandLine([...args, '--control'])
    expect(JSON.parse(controlled.stdout)).toEqual({ other: expect.stringContaining(`${first.origin}/?token=`) })
    first.child.kill('SIGKILL')
    await first.ended
    const second = await start()
    second.child.kill('SIGTERM')
    expect((await second.ended).code).toBe(0)
  })
})

it('makes one token, whoever starts first', async () => {
  const folder = passingFolder()
  const tokens = await Promise.all(Array.from({ length: 20 }, () => keptToken(folder)))
  expect(new Set(tokens)).toEqual(new Set([await readFile(join(folder, 'token'), 'utf8')]))
  expect(await readdir(folder)).toEqual(['token'])
  for (const torn of ['', 'short', `${tokens[0]}\n`]) {
    await writeFile(join(folder, 'token'), torn)
    const next = await keptToken(folder)
    expect(next).toMatch(/^[\w-]{43}$/)
    expect(await keptToken(folder)).toBe(next)
  }
})

describe.skipIf(process.platform === 'win32')('a data folder that cannot be used', () => {
  it.each([
    ['a file', (folder: string) => join(folder, 'file'), /a file of this name is there|no folder|not a directory/],
    ['below a file', (folder: string) => join(folder, 'file', 'data'), /no folder|a file of this name/],
    ['on a drive that takes none', () => '/proc/latent-loom', /does not exist|access is denied|read-only/],
    ['a device', () => '/dev/null', /a file of this name is there|no folder/],
    ['of an endless name', (folder: string) => join(folder, 'a'.repeat(300)), /the name is too long/],
  ])('because it is %s is told with the system’s reason', async (_, at, reason) => {
    const folder = passingFolder()
    await writeFile(join(folder, 'file'), '')
    const error = await takeDataFolder(at(folder)).catch((thrown: unknown) => thrown)
    if (!(error instanceof LoomError)) throw error
    expect(error).toMatchObject({ code: 'io', message: expect.stringMatching(reason) })
    expect(`${error.message} ${error.hint}`).not.toMatch(/fault of Latent Loom|NaN|undefined/)
  })

  it('is told by the command line', async () => {
    const { code, stderr } = await commandLine(['serve', '--port', '0', '--data', '/dev/null'])
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^error: Cannot use the data folder \/dev\/null: /)])
  })
})

it('of two saves of one revision exactly one is taken, also by servers with different data', async () => {
  const path = join(passingFolder(), 'fox.loom.json')
  await writeFile(path, workflowText('0.png'))
  const first = await serve()
  const servers = [first, await serve()]
  const ids = await Promise.all(servers.map(({ server }) => server.library.addDocument(path)))
  for (let round = 1; round <= 20; round++) {
    const { revision } = (await first.call('GET', `/api/documents/${ids[0]}`)).json() as { revision: string }
    const saves = servers.flatMap(({ call }, index) =>
      [0, 1].map((twice) =>
        call('PUT', `/api/documents/${ids[index]}`, { text: workflowText(`${round}-${index}-${twice}.png`), revision }),
      ),
    )
    const statuses = (await Promise.all(saves)).map(({ status }) => status)
    expect(statuses.sort()).toEqual([200, 409, 409, 409])
  }
})
