import { duplexPair } from 'node:stream'
import { serialize } from 'node:v8'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LoomError } from '#core/errors.ts'
import { pipeTransport } from './pipe.ts'

/** What arrives when `bytes` come in chunks of the sizes given, in turn. */
async function receive(bytes: Uint8Array, sizes: readonly number[]) {
  const [near, far] = duplexPair()
  const values: unknown[] = []
  const reasons: LoomError[] = []
  pipeTransport(near).listen({ message: (value) => values.push(value), close: (reason) => reasons.push(reason) })
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    far.write(bytes.subarray(at, at + size))
    at += size
  }
  far.end()
  await new Promise((resolve) => setImmediate(resolve))
  near.destroy()
  await new Promise((resolve) => setImmediate(resolve))
  return { values, reasons }
}

function frames(values: readonly unknown[]): Uint8Array {
  return Buffer.concat(
    values.flatMap((value) => {
      const body = serialize(value)
      const header = Buffer.alloc(4)
      header.writeUInt32LE(body.length)
      return [header, body]
    }),
  )
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 })

describe('pipeTransport', () => {
  it('puts messages together however they are cut', async () => {
    const value = fc.oneof(fc.jsonValue({ noUnicodeString: false }), fc.uint8Array())
    await fc.assert(
      fc.asyncProperty(fc.array(value, { maxLength: 5 }), sizes, async (sent, cuts) => {
        const { values } = await receive(frames(sent), cuts)
        expect(values).toEqual(sent)
      }),
    )
  })

  it('closes with a LoomError on bytes that are no message', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), sizes, async (bytes, cuts) => {
        const { reasons } = await receive(bytes, cuts)
        expect(reasons.length).toBeGreaterThan(0)
        for (const reason of reasons) expect(reason).toBeInstanceOf(LoomError)
      }),
    )
  })

  it('refuses a length that no message has', async () => {
    const { reasons } = await receive(new Uint8Array([0xff, 0xff, 0xff, 0xff]), [4])
    expect(reasons[0]?.message).toMatch(/a message of 4294967295 bytes/)
  })

  it('sends what the other end reads', async () => {
    const [near, far] = duplexPair()
    const message = { id: 1, rgb: new Uint8Array([1, 2, 3]) }
    const received = new Promise((resolve) => {
      pipeTransport(far).listen({ message: resolve, close: () => {} })
    })
    pipeTransport(near).send(message)
    expect(await received).toEqual(message)
  })
})
