import type { Duplex } from 'node:stream'
import { deserialize, serialize } from 'node:v8'
import { LoomError } from '#core/errors.ts'
import type { Transport } from '#core/protocol/channel.ts'

/** File descriptor of the pipe in the engine process. */
export const pipeDescriptor = 3

/** Bytes of a message at most: a document with its assets, never a tensor. */
const maxFrame = 256 * 2 ** 20
const headerLength = 4

/**
 * Messages over a byte stream: length (uint32, little-endian), then the value as V8 serialises it, so that `Uint8Array`
 * travels as bytes. Node's own IPC is not used: there a stray byte throws where no code can catch it.
 */
export function pipeTransport(stream: Duplex): Transport {
  return {
    send(message) {
      const body = serialize(message)
      const header = Buffer.alloc(headerLength)
      header.writeUInt32LE(body.length)
      stream.cork()
      stream.write(header)
      stream.write(body)
      stream.uncork()
    },
    listen({ message, close }) {
      const read = frameReader()
      stream.on('data', (chunk: Buffer) => {
        const values = attempt(() => read(chunk))
        if (values instanceof LoomError) close(values)
        else for (const value of values) message(value)
      })
      stream.on('close', () => close(new LoomError('engine', 'The other end of the engine pipe closed.')))
      // 'close' follows, and that one is reported
      stream.on('error', () => {})
    },
    close: () => stream.destroy(),
  }
}

/** Cuts chunks into messages. Throws on a length or a body that our own peer never writes. */
function frameReader(): (chunk: Buffer) => unknown[] {
  let chunks: Buffer[] = []
  let length = 0
  let needed = headerLength
  return (chunk) => {
    chunks.push(chunk)
    length += chunk.length
    const values: unknown[] = []
    if (length < needed) return values
    let bytes = Buffer.concat(chunks, length)
    while (bytes.length >= headerLength) {
      const body = bytes.readUInt32LE()
      if (body > maxFrame) throw new RangeError(`a message of ${body} bytes`)
      needed = headerLength + body
      if (bytes.length < needed) break
      values.push(deserialize(bytes.subarray(headerLength, needed)))
      bytes = bytes.subarray(needed)
      needed = headerLength
    }
    chunks = [bytes]
    length = bytes.length
    return values
  }
}

function attempt<T>(read: () => T): T | LoomError {
  try {
    return read()
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause)
    return new LoomError('engine', `The engine pipe carried bytes that are no message: ${detail}`, { cause })
  }
}
