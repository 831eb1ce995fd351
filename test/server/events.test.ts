import type { Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type Serving, serve } from './serving.ts'

const closed = (socket: WebSocket): Promise<number> => new Promise((resolve) => socket.once('close', resolve))
const open = (socket: WebSocket): Promise<void> => new Promise((resolve) => socket.once('open', () => resolve()))

/** The stream below a WebSocket, for bytes that no client of ours would send. */
function streamOf(socket: WebSocket): Socket {
  if (!('_socket' in socket)) throw new Error('ws keeps its stream elsewhere now')
  return socket._socket as Socket
}

/** A frame of a client, masked with zeros. */
function frame(first: number, length: number, payload: Uint8Array = new Uint8Array()): Buffer {
  const head = Buffer.alloc(14)
  head[0] = first
  head[1] = 0x80 | 127
  head.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([head, payload])
}

async function connectRaw({ port, server }: Serving, options = {}): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api/events`, {
    headers: { authorization: `Bearer ${server.token}` },
    ...options,
  })
  socket.on('error', () => {})
  await open(socket)
  return socket
}

describe('what a client sends', () => {
  it('is cut off when it is large, however little of it came', async () => {
    const socket = await connectRaw(await serve())
    const end = closed(socket)
    streamOf(socket).write(frame(0x82, 2 ** 30))
    expect(await end).toBe(1009)
  })

  it('is cut off when it is a flood', async () => {
    const serving = await serve()
    for (const send of [(socket: WebSocket) => socket.send('a'), (socket: WebSocket) => socket.ping()]) {
      const socket = await connectRaw(serving)
      const end = closed(socket)
      let sent = 0
      while (socket.readyState === WebSocket.OPEN && sent < 1_000_000) {
        send(socket)
        if (++sent % 1000 === 0) await new Promise((resolve) => setImmediate(resolve))
      }
      expect(await end).toBe(1006)
      expect(sent).toBeLessThan(1_000_000)
    }
  })

  it('has to be UTF-8, and packed by nobody', async () => {
    const serving = await serve()
    const invalid = await connectRaw(serving)
    const end = closed(invalid)
    streamOf(invalid).write(frame(0x81, 2, Buffer.from([0xc3, 0x28])))
    expect(await end).toBe(1007)

    const packed = await connectRaw(serving, { perMessageDeflate: true })
    expect(packed.extensions).toBe('')
    const refused = closed(packed)
    streamOf(packed).write(frame(0xc1, 4, Buffer.alloc(4)))
    expect(await refused).toBe(1002)
  })

  it('changes nothing for the others', async () => {
    const serving = await serve()
    const listener = await serving.connect()
    const loud = await connectRaw(serving)
    loud.send('{"type":"job"}')
    loud.send(Buffer.alloc(100))
    const { id } = await serving.submit('picture')
    expect(await listener.job(id, ({ finished }) => finished !== undefined)).toMatchObject({ state: 'done' })
  })
})

describe('what a client hears', () => {
  it('is the whole state first, then what changes', async () => {
    const serving = await serve()
    const listener = await serving.connect()
    expect(await listener.hello).toMatchObject({ type: 'hello', jobs: [], order: [] })
    const { id } = await serving.submit('picture')
    const job = await listener.job(id, ({ finished }) => finished !== undefined)
    expect(job).toMatchObject({
      state: 'done',
      result: { steps: 6, reused: 1 },
      pictures: [{ name: 'picture.png', passing: false, node: 'save' }],
    })
    const events = listener.messages.flatMap((message) => (message.type === 'event' ? [message.event.type] : []))
    expect(events).toEqual(['phase', 'phase', 'step', 'step', 'step', 'step'])
    expect(listener.previews).toEqual([{ job: id, node: '', width: 1, height: 1, rgb: new Uint8Array([1, 2, 3]) }])
    const fractions = listener.messages.flatMap((message) =>
      message.type === 'job' && message.job.progress ? [message.job.progress.fraction] : [],
    )
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b))
    expect(JSON.stringify(listener.messages)).not.toContain('stack')
  })

  it('is nothing of the jobs that end with the server, and another name of the next start', async () => {
    const serving = await serve()
    const listener = await serving.connect()
    const { id } = await serving.submit('slow')
    const waiting = await serving.submit('picture')
    await listener.job(id, ({ state }) => state === 'running')
    const end = closed(listener.socket)
    await serving.server.close()
    await end
    const ends = listener.messages.flatMap((message) => (message.type === 'job' ? [message.job] : []))
    expect(ends.filter(({ finished }) => finished !== undefined)).toEqual([])
    expect(ends.map((job) => job.id)).toContain(waiting.id)

    const next = await (await serve({ dataFolder: join(serving.folder, 'data') })).connect()
    const [before, after] = await Promise.all([listener.hello, next.hello])
    expect(after).toMatchObject({ type: 'hello', jobs: [], order: [] })
    expect(after).not.toMatchObject({ server: before.type === 'hello' && before.server })
  })

  it('is which drafts and documents the others save', async () => {
    const serving = await serve()
    const listener = await serving.connect()
    const text = '{"format":"latent-loom","version":1,"nodes":{}}'
    const draft = { id: 'tab', title: 'Fox', text, unsaved: true, position: 0, page: 'a', base: null }
    const { revision } = (await serving.call('PUT', '/api/drafts/tab', draft)).json() as { revision: string }
    const other = { ...draft, text: text.replace('{}', '{ }'), page: 'b' }
    expect((await serving.call('PUT', '/api/drafts/tab', other)).status).toBe(409)
    const created = (await serving.call('POST', '/api/documents', { name: 'Fox', text, replace: false })).json() as {
      id: string
      revision: string
    }
    await serving.call('PUT', `/api/documents/${created.id}`, { text, revision: created.revision })
    const heard = () => listener.messages.filter(({ type }) => type === 'draft' || type === 'document')
    await expect.poll(heard).toEqual([
      { type: 'draft', tab: 'tab', page: 'a', revision },
      { type: 'document', id: created.id, revision: created.revision },
    ])
  })

  it('is the whole state again after it was away', async () => {
    const serving = await serve()
    const { id } = await serving.submit('slow')
    const waiting = await serving.submit('picture')
    const before = await serving.connect()
    await before.job(id, ({ progress }) => (progress?.step ?? 0) >= 2)
    before.socket.terminate()
    const after = await serving.connect()
    expect(await after.hello).toMatchObject({
      jobs: [
        { id, state: 'running', progress: { step: expect.any(Number), steps: 200 } },
        { id: waiting.id, state: 'waiting' },
      ],
      order: [waiting.id],
    })
    await serving.call('POST', `/api/jobs/${id}/cancel`)
    await after.job(id, ({ state }) => state === 'cancelled')
    await after.job(waiting.id, ({ state }) => state === 'done')
  })

  it('leaves out previews while it does not read, and nothing else', async () => {
    const serving = await serve()
    const reading = await serving.connect()
    const asleep = await serving.connect()
    streamOf(asleep.socket).pause()
    const { id } = await serving.submit('previews')
    await reading.job(id, ({ finished }) => finished !== undefined)
    streamOf(asleep.socket).resume()
    await asleep.job(id, ({ finished }) => finished !== undefined)
    for (const { messages } of [reading, asleep]) {
      const steps = messages.flatMap((message) =>
        message.type === 'event' && message.event.type === 'step' ? [message.event.step] : [],
      )
      expect(steps.slice(0, 400)).toEqual(Array.from({ length: 400 }, (_, index) => index + 1))
    }
    // what the operating system held, a few megabytes
    expect(asleep.previews.length).toBeLessThan(100)
    expect(asleep.previews.length).toBeGreaterThan(0)
  })

  it('ends when it never reads', async () => {
    const serving = await serve()
    const asleep = await serving.connect()
    streamOf(asleep.socket).pause()
    const reading = await serving.connect()
    const { id } = await serving.submit('steps', { name: 'a'.repeat(1000) })
    expect(await reading.job(id, ({ finished }) => finished !== undefined)).toMatchObject({ state: 'done' })
    const end = closed(asleep.socket)
    streamOf(asleep.socket).resume()
    expect(await end).toBe(1006)
  })
})
