import { networkInterfaces } from 'node:os'
import { describe, expect, it } from 'vitest'
import { startCommandLine } from '../cli/command-line.ts'
import { passingFolder, say, serve, upgrade } from './serving.ts'

const cookieOf = (setCookie: readonly string[] | undefined): string => setCookie?.[0]?.split(';')[0] ?? ''

describe('the token', () => {
  it('is asked for by everything, files and unknown addresses too', async () => {
    const serving = await serve()
    for (const path of ['/', '/assets/main-1a2b.js', '/api/jobs', '/api/nothing', '/nothing', '/api/events']) {
      const { status, text } = await serving.ask(path)
      expect([path, status]).toEqual([path, 401])
      expect(text).not.toMatch(/The editor|let used/)
    }
    expect(await upgrade(serving, '/api/events', {})).toBe(401)
    const page = await serving.ask('/')
    expect(page.headers['content-type']).toMatch('text/html')
    expect(page.text).toContain(
      'the address that latent-loom serve printed'.replace('the address', 'the whole address'),
    )
  })

  it('is exchanged for a cookie that scripts do not see and other sites do not send', async () => {
    const serving = await serve()
    const url = new URL(serving.server.url('a1b2'))
    const { status, headers, text } = await serving.ask(url.pathname + url.search)
    expect([status, headers.location]).toEqual([303, '/#open=a1b2'])
    expect(text).not.toContain(serving.server.token)
    const [setCookie = ''] = headers['set-cookie'] ?? []
    expect(setCookie).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/)
    const cookie = cookieOf(headers['set-cookie'])
    expect((await serving.ask('/', { headers: { cookie } })).text).toContain('The editor')
    expect((await serving.ask('/api/jobs', { headers: { cookie } })).status).toBe(200)
    expect(await upgrade(serving, '/api/events', { cookie })).toBe(101)
  })

  it('may be a bearer token, and nothing that resembles it', async () => {
    const serving = await serve()
    const { token } = serving.server
    const { token: other } = (await serve()).server
    const answers = async (authorization: string) => [
      (await serving.ask('/api/jobs', { headers: { authorization } })).status,
      await upgrade(serving, '/api/events', { authorization }),
    ]
    expect(await answers(`Bearer ${token}`)).toEqual([200, 101])
    const wrong = [
      '',
      `Bearer ${other}`,
      `Bearer ${token.slice(1)}`,
      `Bearer ${token}a`,
      `Bearer `,
      `Basic ${token}`,
      token,
    ]
    for (const authorization of wrong) expect(await answers(authorization)).toEqual([401, 401])
  })

  it('is looked for in the address of the page alone', async () => {
    const serving = await serve()
    const { token } = serving.server
    for (const path of [
      `/api/jobs?token=${token}`,
      `/assets/main-1a2b.js?token=${token}`,
      `/?token=${token}x`,
      '/?token=',
    ]) {
      const { status, headers } = await serving.ask(path)
      expect([path, status, headers['set-cookie']]).toEqual([path, 401, undefined])
    }
    expect(await upgrade(serving, `/api/events?token=${token}`, {})).toBe(401)
    expect((await serving.ask(`/?token=${token}`, { method: 'POST' })).status).toBe(401)
  })

  it('is not shown to those who can list processes: a browser is started with a ticket, good once', async () => {
    const serving = await serve()
    const url = new URL(serving.server.ticketUrl())
    expect(url.search).not.toContain(serving.server.token)
    expect((await serving.ask(url.pathname + url.search)).status).toBe(303)
    expect((await serving.ask(url.pathname + url.search)).status).toBe(401)
  })

  it('is printed once and never again', async () => {
    const folder = passingFolder()
    const { child, ended, printed } = startCommandLine(['serve', '--port', '0', '--data', folder, '--verbose'])
    await printed('Ctrl-C')
    let stdout = ''
    child.stdout?.on('data', (text: string) => {
      stdout += text
    })
    child.kill('SIGINT')
    const { code, stdout: all, stderr } = await ended
    expect(code).toBe(0)
    expect(stdout).toBe('')
    const [, address = '', token = ''] = /^(http:\/\/127\.0\.0\.1:\d+)\/\?token=([\w-]{43})\n$/.exec(all) ?? []
    expect(address).not.toBe('')
    expect(stderr).not.toContain(token)
  })
})

/** `PORT` stands for the server's own. */
const hosts: [string, number][] = [
  ['127.0.0.1:PORT', 200],
  ['localhost:PORT', 200],
  ['LOCALHOST:PORT', 200],
  ['[::1]:PORT', 200],
  ['evil.com', 403],
  ['evil.com:PORT', 403],
  ['127.0.0.1.evil.com:PORT', 403],
  ['localhost.evil.com:PORT', 403],
  ['evil.com#localhost:PORT', 403],
  ['evil.com@127.0.0.1:PORT', 403],
  ['127.0.0.1:PORT@evil.com', 403],
  ['127.0.0.1', 403],
  ['127.0.0.1:80', 403],
  ['127.0.0.1:1PORT', 403],
  ['127.0.0.1:PORT ', 200],
  ['127.0.0.1::PORT', 403],
  ['::1:PORT', 403],
  ['0.0.0.0:PORT', 403],
  ['127.1:PORT', 403],
  ['2130706433:PORT', 403],
  ['localhost.:PORT', 403],
]

/** What browsers say of where a request comes from. */
const origins: [Readonly<Record<string, string>>, number][] = [
  [{}, 200],
  [{ origin: 'http://127.0.0.1:PORT' }, 200],
  [{ origin: 'http://127.0.0.1:PORT', 'sec-fetch-site': 'same-origin' }, 200],
  [{ 'sec-fetch-site': 'none' }, 200],
  [{ origin: 'null' }, 403],
  [{ origin: '' }, 403],
  [{ origin: 'https://evil.com' }, 403],
  [{ origin: 'https://127.0.0.1:PORT' }, 403],
  [{ origin: 'http://127.0.0.1:3000' }, 403],
  [{ origin: 'http://127.0.0.1' }, 403],
  [{ origin: 'http://localhost:PORT' }, 403],
  [{ origin: 'http://127.0.0.1:PORT.evil.com' }, 403],
  [{ 'sec-fetch-site': 'cross-site' }, 403],
  [{ 'sec-fetch-site': 'same-site' }, 403],
  [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, 403],
  [{ origin: 'http://127.0.0.1:PORT', 'sec-fetch-site': 'cross-site' }, 403],
]

describe('who asks', () => {
  const withPort = (text: string, port: number) => text.replace('PORT', String(port))

  it('has to call the server by its own name, so that no other name leads here', async () => {
    const serving = await serve()
    const authorization = `Bearer ${serving.server.token}`
    for (const [template, expected] of hosts) {
      const headers = { authorization, host: withPort(template, serving.port) }
      const { status } = await serving.ask('/api/jobs', { headers })
      expect([template, status]).toEqual([template, expected])
      expect([template, await upgrade(serving, '/api/events', headers)]).toEqual([
        template,
        expected === 200 ? 101 : 403,
      ])
    }
  })

  it('has to say a name at all', async () => {
    const { port, server } = await serve()
    for (const host of ['', 'Host:\r\n', 'Host: \r\n', `Host: evil.com\r\nHost: 127.0.0.1:${port}\r\n`]) {
      for (const version of ['1.0', '1.1']) {
        const head = `GET /api/jobs HTTP/${version}\r\n${host}Authorization: Bearer ${server.token}\r\nConnection: close\r\n\r\n`
        expect([host, version, await say(port, head)]).toEqual([
          host,
          version,
          expect.stringMatching(/^HTTP\/1\.1 40[03] /),
        ])
      }
    }
  })

  it('has to be a page of the server or a program', async () => {
    const serving = await serve()
    const authorization = `Bearer ${serving.server.token}`
    for (const [templates, expected] of origins) {
      const given = Object.entries(templates).map(([name, value]) => [name, withPort(value, serving.port)])
      const headers = { authorization, ...Object.fromEntries(given) }
      for (const path of ['/', '/api/jobs']) {
        const { status, headers: answered } = await serving.ask(path, { headers })
        expect([templates, path, status]).toEqual([templates, path, expected])
        expect(Object.keys(answered).filter((name) => name.startsWith('access-control'))).toEqual([])
      }
      expect([templates, await upgrade(serving, '/api/events', headers)]).toEqual([
        templates,
        expected === 200 ? 101 : 403,
      ])
    }
  })

  it('gets no preflight answered', async () => {
    const serving = await serve()
    const headers = {
      authorization: `Bearer ${serving.server.token}`,
      origin: 'https://evil.com',
      'access-control-request-method': 'POST',
    }
    const { status, headers: answered } = await serving.ask('/api/jobs', { method: 'OPTIONS', headers })
    expect(status).toBe(403)
    expect(answered['access-control-allow-origin']).toBeUndefined()
  })

  it('sends JSON and no form', async () => {
    const serving = await serve()
    const authorization = `Bearer ${serving.server.token}`
    const body = JSON.stringify({ document: 'a', name: 'a', workflow: '{}' })
    const types = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=a', 'text/json']
    for (const type of types) {
      const headers = { authorization, 'content-type': type }
      const { status } = await serving.ask('/api/jobs', { method: 'POST', headers, body })
      expect([type, status]).toEqual([type, 415])
    }
    expect((await serving.ask('/api/jobs', { method: 'DELETE', headers: { authorization } })).status).toBe(415)
    expect((await serving.call('GET', '/api/jobs')).json()).toEqual({ jobs: [], order: [] })
  })
})

it('listens at this machine alone, by both of its addresses', async () => {
  const serving = await serve()
  const addresses = Object.values(networkInterfaces()).flatMap((list = []) => list)
  for (const { address, family } of addresses) {
    const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${serving.port}/`
    const status = await fetch(url).then(
      ({ status }) => status,
      () => undefined,
    )
    expect([address, status]).toEqual([address, address === '127.0.0.1' || address === '::1' ? 401 : undefined])
  }
})

it('answers other names only when it was asked to', async () => {
  const serving = await serve({ host: '0.0.0.0' })
  const authorization = `Bearer ${serving.server.token}`
  const [own] = Object.values(networkInterfaces()).flatMap((list = []) => list.filter(({ internal }) => !internal))
  const status = async (host: string) =>
    (await serving.ask('/api/jobs', { headers: { authorization, host: `${host}:${serving.port}` } })).status
  expect(await status('localhost')).toBe(200)
  expect(await status('evil.com')).toBe(403)
  if (own?.family === 'IPv4') expect(await status(own.address)).toBe(200)
  expect((await serving.ask('/')).status).toBe(401)
})

it('sends its headers with everything', async () => {
  const serving = await serve()
  const authorization = `Bearer ${serving.server.token}`
  for (const path of ['/', '/assets/main-1a2b.js', '/nothing', '/api/jobs', '/api/nothing', '/%ff', '/api/%ff']) {
    const { headers } = await serving.ask(path, { headers: { authorization } })
    expect([path, headers]).toEqual([
      path,
      expect.objectContaining({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'content-security-policy': expect.stringMatching(/^default-src 'none'; .*frame-ancestors 'none'/),
      }),
    ])
    expect(headers['x-powered-by']).toBeUndefined()
  }
})
