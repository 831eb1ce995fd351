import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'
import { routeResults } from '#core/protocol/routes.ts'
import { commandLine, startCommandLine, writeAct } from '../cli/command-line.ts'
import { passingFolder, serve } from './serving.ts'

/** Starts `latent-loom serve` and gives the address that it prints. */
async function start(folder: string, ...args: string[]) {
  const started = startCommandLine(['serve', '--port', '0', '--data', folder, ...args])
  const lines = createInterface({ input: started.child.stdout ?? process.stdin })[Symbol.asyncIterator]()
  const line = async () => String((await lines.next()).value)
  return { ...started, first: await line(), line }
}

/** As the browser would: the cookie, and where it is led to. */
async function enter(url: string) {
  const response = await fetch(url, { redirect: 'manual' })
  const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? ''
  const { origin } = new URL(url)
  const get = async (path: string) => (await fetch(origin + path, { headers: { cookie } })).json()
  const post = (path: string, body: unknown) =>
    fetch(origin + path, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  return { location: response.headers.get('location') ?? '', get, post }
}

describe('latent-loom serve', () => {
  it('opens a file that it was given', async () => {
    const folder = passingFolder()
    const { first, child, ended } = await start(folder, writeAct(folder, 'picture'))
    const { location, get } = await enter(first)
    const id = location.replace('/#open=', '')
    expect(await get(`/api/documents/${id}`)).toMatchObject({
      id,
      text: readFileSync(join(folder, 'act.loom.json'), 'utf8'),
    })
    child.kill('SIGINT')
    expect((await ended).code).toBe(0)
  })

  it('saves pictures where it was told to, and ends with the engine in the middle of a job', async () => {
    const folder = passingFolder()
    const out = join(folder, 'out')
    const { first, child, ended } = await start(folder, '--out', out)
    const { get, post } = await enter(first)
    const workflow = readFileSync(writeAct(folder, 'picture'), 'utf8')
    await post('/api/jobs', { document: 'a', name: 'a', workflow })
    await post('/api/jobs', { document: 'b', name: 'b', workflow: workflow.replace('picture', 'deaf') })
    for (;;) {
      const { jobs } = routeResults.listJobs.parse(await get('/api/jobs'))
      if (jobs[1]?.state === 'running') break
    }
    expect(existsSync(join(out, 'picture.png'))).toBe(true)
    child.kill('SIGTERM')
    expect((await ended).code).toBe(0)
  })

  it('answers the program that started it, and ends with it', async () => {
    const folder = passingFolder()
    const { first, line, child, ended } = await start(folder, '--control')
    const { url } = JSON.parse(first)
    const { get } = await enter(url)
    const asked = async (text: string) => {
      child.stdin?.write(`${text}\n`)
      return JSON.parse(await line())
    }
    const { id } = await asked(JSON.stringify({ file: writeAct(folder, 'picture') }))
    expect(await get(`/api/documents/${id}`)).toMatchObject({ name: 'act' })
    expect(await asked('{"file":7}')).toEqual({ error: expect.any(String) })
    expect(await asked(JSON.stringify({ file: join(folder, 'new.loom.json') }))).toEqual({ error: expect.any(String) })
    expect(existsSync(join(folder, 'new.loom.json'))).toBe(false)
    const created = await asked(JSON.stringify({ file: join(folder, 'new.loom.json'), create: true }))
    expect(await get(`/api/documents/${created.id}`)).toMatchObject({ name: 'new' })
    const locate = (id: string) => asked(JSON.stringify({ locate: 'document', id }))
    expect(await locate(created.id)).toEqual({ path: join(realpathSync(folder), 'new.loom.json') })
    expect(await locate('unknown')).toEqual({ error: expect.stringContaining('document') })
    child.stdin?.end()
    expect((await ended).code).toBe(0)
  })

  it('says what it was told wrong', async () => {
    const folder = passingFolder()
    const tells = async (...args: string[]) => {
      const { code, stderr } = await commandLine(['serve', '--data', folder, ...args])
      return [code, stderr.split('\n')[0]]
    }
    expect(await tells('--port', '65536')).toEqual([2, 'error: --port 65536 is not a port.'])
    expect(await tells('--models', join(folder, 'none'))).toEqual([2, expect.stringMatching(/is not a folder/)])
    expect(await tells(join(folder, 'none.loom.json'))).toEqual([2, expect.stringMatching(/none\.loom\.json/)])
    const { port } = await serve()
    expect(await tells('--port', String(port))).toEqual([1, expect.stringMatching(/cannot listen .* it is in use/)])
    expect(await tells('--host', '203.0.113.1', '--port', '0')).toEqual([1, expect.stringMatching(/cannot listen/)])
  })

  it('warns before it answers other machines', async () => {
    const { first, child, ended, printed } = await start(passingFolder(), '--host', '0.0.0.0')
    await printed('warning: Other machines can reach this server.')
    expect((await enter(first)).location).toBe('/')
    child.kill('SIGINT')
    expect((await ended).code).toBe(0)
  })
})

describe('the server', () => {
  it('takes the next port where the usual one is taken', async () => {
    const first = await serve({ port: undefined })
    const second = await serve({ port: undefined })
    expect(second.port).toBeGreaterThan(first.port)
    expect((await second.call('GET', '/api/jobs')).status).toBe(200)
  })

  it('is found where it was before, because browsers keep settings by address', async () => {
    const dataFolder = passingFolder()
    const first = await serve({ port: 0, dataFolder })
    await first.server.close()
    const second = await serve({ port: undefined, dataFolder })
    expect(second.port).toBe(first.port)
  })

  it('describes itself and the machine without the places of folders', async () => {
    const folder = passingFolder()
    const { call } = await serve({ modelFolders: [folder] })
    const { text } = routeResults.diagnose.parse((await call('GET', '/api/diagnostics')).json())
    expect(text).toMatch(/latent-loom +\d+\.\d+\.\d+/)
    expect(text).toContain(`${basename(folder)}  0 .safetensors files`)
    expect(text).not.toContain(dirname(folder))
    expect(text).not.toContain(dirname(process.execPath))
  })

  it('says how to get the page when it is not built', async () => {
    await expect(serve({ editorFolder: passingFolder() })).rejects.toMatchObject({
      code: 'not-found',
      hint: expect.stringContaining('npm run build:editor'),
    })
  })

  it('sends the page packed, and what the build named by its content for ever', async () => {
    const { ask, server } = await serve()
    const authorization = `Bearer ${server.token}`
    const packed = await ask('/assets/main-1a2b.js', { headers: { authorization, 'accept-encoding': 'gzip, br' } })
    expect(packed.headers).toMatchObject({
      'content-encoding': 'br',
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': expect.stringMatching(/^(text|application)\/javascript/),
    })
    const page = await ask('/', { headers: { authorization } })
    expect(page.headers['cache-control']).toBe('no-cache')
    expect(page.text).toContain('The editor')
  })
})
