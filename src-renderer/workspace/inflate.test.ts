import { expect, it } from 'vitest'
import { inflateCapped } from './inflate.ts'

const text = new TextEncoder().encode('latent consistency '.repeat(5000))

async function deflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate'))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

it('inflates what zlib has deflated', async () => {
  expect(inflateCapped(await deflated(text), text.length)).toEqual(text)
})

it('stops above the cap, and long before the end of a bomb', async () => {
  const caught = (bytes: Uint8Array, cap: number) => {
    try {
      return inflateCapped(bytes, cap)
    } catch (error) {
      return error
    }
  }
  expect(caught(await deflated(text), text.length - 1)).toMatchObject({ code: 'limit' })
  expect(caught(await deflated(new Uint8Array(50_000_000)), 1000)).toMatchObject({ code: 'limit' })
  expect(caught((await deflated(text)).subarray(0, 40), text.length)).toMatchObject({ code: 'parse' })
  expect(caught(new TextEncoder().encode('no zlib data'), 1000)).toMatchObject({ code: 'parse' })
})
