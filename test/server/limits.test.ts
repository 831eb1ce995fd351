import { connect, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { routes } from '#core/protocol/routes.ts'
import { say, serve } from './serving.ts'

const megabyte = 2 ** 20
const jobHead = (token: string, more: string) =>
  `POST /api/jobs/a/cancel HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n${more}\r\n\r\n`

/** Opens a connection that goes on writing as long as the server reads; gives what was answered when it has ended. */
function pour(port: number, head: string, chunk: string): Promise<{ answer: string; poured: number }> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(head))
    let answer = ''
    let poured = 0
    let open = true
    const write = () => {
      if (!open || poured > 500 * megabyte) return
      poured += chunk.length
      if (socket.write(chunk)) setImmediate(write)
    }
    socket.on('connect', write)
    socket.on('drain', write)
    socket.on('data', (data) => {
      answer += data
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      open = false
      resolve({ answer, poured })
    })
  })
}

describe('bodies', () => {
  it('are refused when they are longer than a route takes', async () => {
    const { call } = await serve()
    const answer = await call('POST', '/api/jobs/a/move', { before: 'a'.repeat(2 * megabyte) })
    expect([answer.status, answer.json()]).toEqual([413, { error: expect.objectContaining({ code: 'limit' }) }])
  })

  it('without an end are not read to it', async () => {
    const { port, server, call } = await serve()
    const head = jobHead(server.token, 'Transfer-Encoding: chunked').replace('PORT', String(port))
    const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`
    const { answer, poured } = await pour(port, head, chunk)
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    expect(poured).toBeLessThan(50 * megabyte)
    expect((await call('GET', '/api/jobs')).status).toBe(200)
  })

  it('of those who may not come in are not read at all', async () => {
    const { port } = await serve()
    const head = jobHead('wrong', 'Transfer-Encoding: chunked').replace('PORT', String(port))
    const { answer, poured } = await pour(port, head, `10000\r\n${' '.repeat(0x10000)}\r\n`)
    // the answer may be lost, for what was poured behind it is thrown away
    expect(answer).toMatch(/^(HTTP\/1\.1 401 |$)/)
    expect(poured).toBeLessThan(50 * megabyte)
  })

  it('are not unpacked: a bomb of gzip stays small', async () => {
    const { ask, server } = await serve()
    const headers = {
      authorization: `Bearer ${server.token}`,
      'content-type': 'application/json',
      'content-encoding': 'gzip',
    }
    const body = gzipSync(Buffer.alloc(200 * megabyte, ' '))
    const { status } = await ask('/api/jobs', { method: 'POST', headers, body })
    expect(status).toBe(400)
  })

  it('are JSON of the right shape', async () => {
    const { ask, call, server } = await serve()
    const headers = { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' }
    for (const body of ['', '{', '[]', 'null', '"a"', '{"__proto__":{"live":true}}', '['.repeat(100_000), '\0']) {
      const { status, text } = await ask('/api/jobs', { method: 'POST', headers, body })
      expect([body.slice(0, 30), status]).toEqual([body.slice(0, 30), 400])
      expect(text).not.toMatch(/\bat .*:\d+/)
    }
    const good = { document: 'a', name: 'a', workflow: '{}' }
    const wrong = [
      { ...good, live: 1 },
      { ...good, outputFolder: '/' },
      { ...good, targets: [] },
      { ...good, document: 7 },
    ]
    for (const body of wrong) expect((await call('POST', '/api/jobs', body)).status).toBe(400)
    expect((await call('GET', '/api/jobs')).json()).toEqual({ jobs: [], order: [] })
  })
})

describe('connections', () => {
  it('end when headers take too long, and without a word when nothing was said', async () => {
    const { port } = await serve()
    const silent = say(port, '')
    const partial = say(port, 'GET / HTTP/1.1\r\n')
    const slow = new Promise<void>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port })
      const timer = setInterval(() => socket.write('X-Slow: loris\r\n'), 100)
      socket.write('GET / HTTP/1.1\r\n')
      socket.on('error', () => {})
      socket.on('close', () => {
        clearInterval(timer)
        resolve()
      })
    })
    await slow
    expect(await silent).toBe('')
    expect(await partial).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('carry no endless headers', async () => {
    const { port } = await serve()
    expect(await say(port, `GET / HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(100_000)}`)).toMatch(/^(HTTP\/1\.1 4|$)/)
    expect(await say(port, `GET /${'a'.repeat(100_000)} HTTP/1.1\r\n`)).toMatch(/^(HTTP\/1\.1 4|$)/)
    expect(await say(port, 'no HTTP at all\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
  })

  it('with many requests at once get the first refusal only', async () => {
    const { port } = await serve()
    const answers = await say(port, `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`.repeat(1000))
    expect(answers.match(/^HTTP\/1\.1/gm)).toEqual(['HTTP/1.1'])
  })

  it('are not more than the server holds, and make room again', async () => {
    const { port, call } = await serve()
    const sockets: Socket[] = []
    let closed = 0
    await Promise.all(
      Array.from(
        { length: 2000 },
        () =>
          new Promise<void>((resolve) => {
            const socket = connect({ host: '127.0.0.1', port }, resolve)
            socket.on('error', () => resolve())
            socket.on('close', () => closed++)
            socket.resume()
            sockets.push(socket)
          }),
      ),
    )
    while (closed < 2000 - 512) await new Promise((resolve) => setTimeout(resolve, 10))
    for (const socket of sockets) socket.destroy()
    while (closed < 2000) await new Promise((resolve) => setTimeout(resolve, 10))
    expect((await call('GET', '/api/jobs')).status).toBe(200)
  })
})

/** Ways out of a folder, and names that are something else on some system. */
const escapes = [
  '..',
  '../../../../../../etc/passwd',
  '..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd',
  '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  '%252e%252e%252fetc%252fpasswd',
  '..%5c..%5cwindows%5cwin.ini',
  'C:%5cwindows%5cwin.ini',
  'C:evil',
  '%2fetc%2fpasswd',
  '%5c%5cserver%5cshare',
  'a%00.png',
  '%00',
  'index.html.',
  'index.html%20',
  'INDEX.HTML::$DATA',
  '.git',
  '%ff%fe',
  '%',
  'a'.repeat(5000),
]

describe('addresses', () => {
  it('lead to no file but those of the editor', async () => {
    const { ask, server } = await serve()
    const headers = { authorization: `Bearer ${server.token}` }
    for (const trick of escapes) {
      for (const path of [`/${trick}`, `/assets/${trick}`, `//${trick}`, `/assets/../../${trick}`]) {
        const { status, text } = await ask(path, { headers })
        expect([path.slice(0, 60), status]).toEqual([path.slice(0, 60), expect.toBeOneOf([400, 403, 404, 413])])
        expect(text).not.toMatch(/root:|\[fonts\]/)
      }
    }
  })

  it('name nothing by an id that was not given', async () => {
    const { ask, server } = await serve()
    const bodies: Partial<Record<keyof typeof routes, unknown>> = {
      moveJob: { before: null },
      saveDocument: { text: '{"format":"latent-loom","version":1,"nodes":{}}', revision: null },
      saveDraft: undefined,
    }
    const byId = Object.entries(routes).filter(([name, { path }]) => path.includes(':id') && !name.endsWith('Draft'))
    expect(byId.length).toBeGreaterThan(5)
    for (const [name, { method, path }] of byId) {
      for (const trick of escapes) {
        const { status, text } = await ask(path.replace(':id', trick), {
          method,
          headers: {
            authorization: `Bearer ${server.token}`,
            ...(method !== 'GET' && { 'content-type': 'application/json' }),
          },
          ...(method !== 'GET' && { body: JSON.stringify(bodies[name as keyof typeof routes] ?? {}) }),
        })
        expect([name, trick.slice(0, 60), status]).toEqual([
          name,
          trick.slice(0, 60),
          expect.toBeOneOf([400, 404, 413]),
        ])
        expect(text).not.toMatch(/root:|\[fonts\]/)
      }
    }
  })

  it('of an id in a body lead nowhere either', async () => {
    const { call, submit } = await serve()
    const { id } = await submit('picture')
    for (const before of [...escapes, '', `${id}/..`]) {
      expect((await call('POST', `/api/jobs/${id}/move`, { before })).status).toBe(404)
    }
  })
})
