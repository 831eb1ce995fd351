import { Unzlib } from 'fflate'
import { LoomError } from '#core/errors.ts'
import type { Inflate } from '#core/formats/png.ts'

/** Compressed bytes per step. Inflated they are at most about a thousand times as many. */
const stride = 1024

/** zlib's inflate in the page with a limit, because a kilobyte may inflate to a gigabyte. */
export const inflateCapped: Inflate = (deflated, maxBytes) => {
  const parts: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  const stream = new Unzlib((part) => {
    parts.push(part.slice())
    size += part.length
  })
  for (let start = 0; start < deflated.length; start += stride) {
    push(stream, deflated.subarray(start, start + stride), start + stride >= deflated.length)
    if (size > maxBytes) {
      throw new LoomError('limit', `Compressed data hold more than ${maxBytes} bytes.`, {
        hint: 'Such a file is made to exhaust memory. Use another one.',
      })
    }
  }
  const whole = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function push(stream: Unzlib, bytes: Uint8Array, last: boolean): void {
  try {
    stream.push(bytes, last)
  } catch (cause) {
    throw new LoomError('parse', 'Compressed data are damaged.', { cause })
  }
}
