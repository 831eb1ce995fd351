import { inflateSync } from 'node:zlib'
import { LoomError } from '#core/errors.ts'
import type { Inflate } from '#core/formats/png.ts'
import { osCode } from './os-error.ts'

/** zlib's inflate with a limit, because a kilobyte may inflate to a gigabyte. */
export const inflateCapped: Inflate = (deflated, maxBytes) => {
  try {
    return inflateSync(deflated, { maxOutputLength: Math.max(1, maxBytes) })
  } catch (cause) {
    if (osCode(cause) === 'ERR_BUFFER_TOO_LARGE') {
      throw new LoomError('limit', `Compressed data hold more than ${maxBytes} bytes.`, {
        hint: 'Such a file is made to exhaust memory. Use another one.',
        cause,
      })
    }
    throw new LoomError('parse', 'Compressed data are damaged.', { cause })
  }
}
