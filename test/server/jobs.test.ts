import { describe, expect, it } from 'vitest'
import type { Job, ServerMessage } from '#core/protocol/jobs.ts'
import { actDocument } from '../cli/command-line.ts'
import { serve } from './serving.ts'

const isOver = ({ finished }: Job) => finished !== undefined
const terminals = (messages: readonly ServerMessage[]) =>
  messages.flatMap((message) =>
    message.type === 'job' && isOver(message.job) ? [[message.job.id, message.job.state]] : [],
  )

describe('a job', () => {
  it('runs as its document says, confined, with previews', async () => {
    const { submit, over, call } = await serve()
    const { id } = await submit('picture', { targets: ['sampler'] })
    const { pictures } = await over(id)
    const file = await call('GET', `/api/pictures/${pictures[0]?.id}/file`)
    expect(file.json()).toMatchObject({
      document: actDocument('picture'),
      confined: true,
      targets: ['sampler'],
      previews: true,
      verify: false,
      device: 'auto',
    })
    expect(file.json()).not.toHaveProperty('strengths')
  })

  it('that is live keeps its strengths open and its pictures out of the gallery', async () => {
    const { submit, over, call } = await serve()
    const { id } = await submit('picture', { live: true })
    const { pictures } = await over(id)
    expect(pictures).toMatchObject([{ passing: true }])
    const file = await call('GET', `/api/pictures/${pictures[0]?.id}/file`)
    expect(file.json()).toMatchObject({ strengths: 'live' })
    expect((await call('GET', '/api/pictures')).json()).toEqual({ pictures: [] })
  })

  it('that shows a picture keeps it out of the gallery too', async () => {
    const { submit, over, call } = await serve()
    const { id } = await submit('shown', { targets: ['decode'] })
    expect((await over(id)).pictures).toMatchObject([{ passing: true }, { passing: false }])
    expect((await call('GET', '/api/pictures')).json()).toMatchObject({ pictures: [{ node: 'save' }] })
  })

  it('keeps every problem of its workflow', async () => {
    const { submit, over } = await serve()
    const { id } = await submit('invalid')
    const { state, error } = await over(id)
    expect(state).toBe('failed')
    expect(error).toMatchObject({ code: 'invalid', problems: [{ node: 'sampler', input: 'steps' }, {}] })
    expect(JSON.stringify(error)).not.toContain('stack')
  })

  it('that ends its process twice fails, and the next one runs', async () => {
    const { submit, over } = await serve()
    const poison = await submit('SIGSEGV')
    const next = await submit('picture')
    expect(await over(poison.id)).toMatchObject({ state: 'failed', error: { code: 'engine' } })
    expect(await over(next.id)).toMatchObject({ state: 'done' })
  })

  it('is repeated when the process died once', async () => {
    const { submit, over } = await serve()
    expect(await over((await submit('SIGSEGV once')).id)).toMatchObject({ state: 'done' })
  })
})

describe('interrupt', () => {
  it('ends what runs between two steps', async () => {
    const { submit, call, connect } = await serve()
    const listener = await connect()
    const { id } = await submit('slow')
    await listener.job(id, ({ progress }) => progress !== undefined)
    expect((await call('POST', '/api/interrupt', {})).status).toBe(200)
    expect(await listener.job(id, isOver)).toMatchObject({ state: 'cancelled' })
  })

  it('ends the process when it is forced, and the next job starts another', async () => {
    const { submit, call, connect, over } = await serve()
    const listener = await connect()
    const { id } = await submit('deaf')
    await listener.job(id, ({ progress }) => progress !== undefined)
    await call('POST', `/api/jobs/${id}/cancel`)
    expect((await call('GET', '/api/jobs')).json()).toMatchObject({ jobs: [{ id, state: 'running' }] })
    await call('POST', '/api/interrupt', { force: true })
    expect(await listener.job(id, isOver)).toMatchObject({ state: 'cancelled' })
    expect(await over((await submit('picture')).id)).toMatchObject({ state: 'done' })
  })
})

describe('two clients', () => {
  it('cancel, move and clear the same jobs, and both hear the same', async () => {
    const { submit, call, connect } = await serve()
    const clients = [await connect(), await connect()]
    const running = await submit('slow')
    const [a, b] = [await submit('a'), await submit('b')]
    const both = (method: string, path: string, body?: unknown) =>
      Promise.all(clients.map(() => call(method, path, body)))
    const answers = [
      ...(await both('POST', `/api/jobs/${b.id}/move`, { before: a.id })),
      ...(await both('POST', `/api/jobs/${a.id}/cancel`)),
      ...(await both('POST', `/api/jobs/${a.id}/move`, { before: null })),
      ...(await both('POST', `/api/jobs/${running.id}/cancel`)),
    ]
    for (const client of clients) await client.job(b.id, isOver)
    answers.push(...(await both('DELETE', '/api/jobs')))
    answers.push(...(await both('POST', `/api/jobs/${running.id}/cancel`)))
    expect(answers.map(({ status, text }) => [status, text])).toEqual(answers.map(() => [200, '{}']))
    for (const { messages } of clients) {
      expect(terminals(messages)).toEqual([
        [a.id, 'cancelled'],
        [running.id, 'cancelled'],
        [b.id, 'done'],
      ])
    }
    expect((await call('GET', '/api/jobs')).json()).toEqual({ jobs: [], order: [] })
  })

  it('delete a picture, also while it is looked at', async () => {
    const { submit, over, call } = await serve()
    const { pictures } = await over((await submit('picture')).id)
    const path = `/api/pictures/${pictures[0]?.id}`
    const [looked, ...deleted] = await Promise.all([
      call('GET', `${path}/file`),
      call('DELETE', path),
      call('DELETE', path),
    ])
    expect([200, 404]).toContain(looked?.status)
    for (const { status } of deleted) expect([200, 404]).toContain(status)
    expect((await call('GET', `${path}/file`)).status).toBe(404)
  })
})

it('tells a picture from what says it is one', async () => {
  const { ask, server } = await serve()
  const authorization = `Bearer ${server.token}`
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
  const bodies = [svg, '<!doctype html><script>alert(1)</script>', `\x89PNG\r\n\x1a\n${svg}`, '']
  for (const body of bodies) {
    for (const type of ['image/svg+xml', 'text/html', 'image/png', 'image/jpeg', 'image/webp', 'application/json']) {
      const headers = { authorization, 'content-type': type }
      const { status, text } = await ask('/api/assets', { method: 'POST', headers, body })
      expect([type, status]).toEqual([type, expect.toBeOneOf([400, 413, 415, 422])])
      expect(text).toContain('"error"')
    }
  }
})
