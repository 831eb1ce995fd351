import { connect, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { originOf } from '#main/server/guard.ts'
import { type Serving, say, serve, upgrade } from './serving.ts'

const studio = 'https://studio.example'
const hall = 'https://hall.example:8443'

/** Headers of requests through a proxy, and whether they are answered. `PORT` stands for the server's own. */
const throughProxy: readonly (readonly [string, string | undefined, boolean])[] = [
  // a proxy that keeps the name it was called by (Caddy)
  ['studio.example', studio, true],
  ['studio.example', undefined, true],
  ['STUDIO.example', studio, true],
  ['studio.example:443', studio, true],
  ['hall.example:8443', hall, true],
  // a proxy that calls this machine by its address (nginx, unless it is told otherwise)
  ['127.0.0.1:PORT', studio, true],
  ['localhost:PORT', hall, true],
  ['127.0.0.1:PORT', 'http://127.0.0.1:PORT', true],
  ['studio.example', 'http://studio.example', false],
  ['studio.example', 'https://evil.example', false],
  ['studio.example', 'https://studio.example.evil.example', false],
  ['studio.example', 'https://studio.example:8443', false],
  ['studio.example', 'null', false],
  ['studio.example:80', studio, false],
  ['studio.example:PORT', studio, false],
  ['studio.example.evil.example', studio, false],
  ['evil@studio.example', studio, false],
  ['hall.example', hall, false],
  ['hall.example:443', hall, false],
  ['evil.example', studio, false],
  ['127.0.0.1:PORT', 'https://evil.example', false],
]

describe('behind proxies that --origin names', () => {
  it('answers their pages, the WebSocket too, and no others', async () => {
    const serving = await serve({ origins: [studio, hall] })
    const authorization = `Bearer ${serving.server.token}`
    const withPort = (text: string) => text.replace('PORT', String(serving.port))
    for (const [host, origin, isAnswered] of throughProxy) {
      const headers = { authorization, host: withPort(host), ...(origin && { origin: withPort(origin) }) }
      const { status } = await serving.ask('/api/jobs', { headers })
      expect([host, origin, status]).toEqual([host, origin, isAnswered ? 200 : 403])
      expect([host, origin, await upgrade(serving, '/api/events', headers)]).toEqual([
        host,
        origin,
        isAnswered ? 101 : 403,
      ])
    }
  })

  it('gives their pages a cookie for encrypted connections alone', async () => {
    const serving = await serve({ origins: [studio, 'http://plain.example'] })
    const cookie = async (host: string) =>
      String((await serving.ask(`/?token=${serving.server.token}`, { headers: { host } })).headers['set-cookie'])
    expect(await cookie('studio.example')).toMatch(/; HttpOnly; Secure; SameSite=Strict$/)
    for (const host of ['plain.example', `127.0.0.1:${serving.port}`])
      expect(await cookie(host)).not.toContain('Secure')
  })

  it('prints an address for each', async () => {
    const { server } = await serve({ origins: [studio, hall] })
    expect(server.proxyUrls('a b')).toEqual([
      `${studio}/?token=${server.token}&open=a%20b`,
      `${hall}/?token=${server.token}&open=a%20b`,
    ])
  })

  it.each([
    ['https://studio.example', 'https://studio.example'],
    ['https://Studio.example/', 'https://studio.example'],
    ['https://studio.example:443', 'https://studio.example'],
    ['http://10.0.0.7:8080', 'http://10.0.0.7:8080'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
    ['https://[::1]:8443', 'https://[::1]:8443'],
    ['https://studio.example/loom', undefined],
    ['https://studio.example?a', undefined],
    ['https://me@studio.example', undefined],
    ['studio.example', undefined],
    ['//studio.example', undefined],
    ['*', undefined],
    ['null', undefined],
    ['file:///etc', undefined],
    ['', undefined],
  ])('takes %s as %s', (text, origin) => {
    expect(originOf(text)).toBe(origin)
  })
})

/** Addresses that no route can be found for, and ways to write one that is another's. */
const malformed = [
  '/%',
  '/%ff',
  '/%e0%a4%a',
  '/api/%ff',
  '/api/jobs/%',
  '/api/pictures/%zz/file',
  `/api/jobs/${'a'.repeat(300)}/cancel`,
]

describe('malformed addresses', () => {
  it.each(malformed)('%s passes the gate', async (path) => {
    const serving = await serve()
    const authorization = `Bearer ${serving.server.token}`
    const status = async (headers: Readonly<Record<string, string>>) => [
      (await serving.ask(path, { headers })).status,
      await upgrade(serving, path, headers),
    ]
    expect(await status({})).toEqual([401, 401])
    expect(await status({ authorization, host: 'evil.example' })).toEqual([403, 403])
    expect(await status({ authorization, origin: 'https://evil.example' })).toEqual([403, 403])
    const [answered] = await status({ authorization })
    expect(answered).toBeOneOf([400, 404, 414])
  })
})

it('sends the headers of what the decoded path leads to', async () => {
  const serving = await serve()
  const headers = { authorization: `Bearer ${serving.server.token}` }
  const isSandboxed = async (path: string) => {
    const policy = (await serving.ask(path, { headers })).headers['content-security-policy']
    return String(policy).includes('sandbox')
  }
  const origin = `http://127.0.0.1:${serving.port}`
  for (const path of [
    '/api/jobs',
    '/%61pi/jobs',
    '/ap%69/nothing',
    '/%61%70%69%2fjobs',
    '/api/jobs?a#/',
    `${origin}/api/jobs`,
    `${origin}/%61pi/jobs`,
    '/%ff',
  ]) {
    expect([path, await isSandboxed(path)]).toEqual([path, true])
  }
  for (const path of ['/', '/assets/main-1a2b.js', '/?/api/', '/nothing/api/jobs', `${origin}/`]) {
    expect([path, await isSandboxed(path)]).toEqual([path, false])
  }
})

it('refuses a request with two hosts, whichever comes first', async () => {
  const { port, server } = await serve({ origins: [studio] })
  const own = `127.0.0.1:${port}`
  for (const hosts of [
    [own, own],
    [own, 'evil.example'],
    ['evil.example', own],
    ['studio.example', own],
  ]) {
    const lines = hosts.map((host, index) => `${index ? 'hOsT' : 'Host'}: ${host}\r\n`).join('')
    const head = `GET /api/jobs HTTP/1.1\r\n${lines}Authorization: Bearer ${server.token}\r\nConnection: close\r\n\r\n`
    expect([hosts, await say(port, head)]).toEqual([hosts, expect.stringMatching(/^HTTP\/1\.1 40[03] /)])
  }
})

it('is not locked out by another cookie of the same name', async () => {
  const serving = await serve()
  const name = `latent-loom-${serving.port}`
  const own = `${name}=${serving.server.token}`
  const status = async (cookie: string) => [
    (await serving.ask('/api/jobs', { headers: { cookie } })).status,
    await upgrade(serving, '/api/events', { cookie }),
  ]
  for (const cookie of [`${name}=junk; ${own}`, `${own}; ${name}=`, `a=b; ${name}="x;${own};c`, `${name}; ${own}`]) {
    expect([cookie, await status(cookie)]).toEqual([cookie, [200, 101]])
  }
  for (const cookie of [`${name}=junk; ${name}=`, `x${own}`, `${own}x`, `a=${own}`, '=', ';']) {
    expect([cookie, await status(cookie)]).toEqual([cookie, [401, 401]])
  }
})

/** Connections that say nothing. */
async function openIdle({ port }: Serving, count: number): Promise<readonly Socket[]> {
  const sockets = Array.from({ length: count }, () => connect({ host: '127.0.0.1', port }))
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise((resolve) =>
          socket
            .on('error', () => {})
            .once('connect', resolve)
            .once('close', resolve),
        ),
    ),
  )
  return sockets
}

it('lets the page with the token in, however many idle connections there are', async () => {
  const serving = await serve()
  const listener = await serving.connect()
  const sockets = [...(await openIdle(serving, 512))]
  expect((await serving.call('GET', '/api/jobs')).status).toBe(200)
  sockets.push(...(await openIdle(serving, 700)))
  expect((await serving.call('GET', '/api/jobs')).status).toBe(200)
  expect((await (await serving.connect()).hello).type).toBe('hello')
  expect(listener.socket.readyState).toBe(listener.socket.OPEN)
  for (const socket of sockets) socket.destroy()
})
