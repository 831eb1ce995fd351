import { LoomError } from '#core/errors.ts'

/** A preview of a job: the denoised latent as a small picture, 8-bit RGB, rows from the top. */
export interface PreviewFrame {
  readonly job: string
  readonly node: string
  readonly width: number
  readonly height: number
  readonly rgb: Uint8Array
}

/** A binary frame of the WebSocket: the header's length (uint32, little endian), the header as JSON, the pixels. */
export function encodePreviewFrame({ rgb, ...header }: PreviewFrame): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header))
  const frame = new Uint8Array(4 + json.length + rgb.length)
  new DataView(frame.buffer).setUint32(0, json.length, true)
  frame.set(json, 4)
  frame.set(rgb, 4 + json.length)
  return frame
}

/** @throws LoomError `parse` for bytes that are not a preview */
export function decodePreviewFrame(frame: Uint8Array): PreviewFrame {
  try {
    const length = new DataView(frame.buffer, frame.byteOffset, frame.byteLength).getUint32(0, true)
    const header = JSON.parse(new TextDecoder().decode(frame.subarray(4, 4 + length)))
    const { job, node, width, height } = header
    const rgb = frame.subarray(4 + length)
    if (rgb.length === 3 * width * height) return { job, node, width, height, rgb }
  } catch (cause) {
    throw new LoomError('parse', 'A preview from the server could not be read.', { cause })
  }
  throw new LoomError('parse', 'A preview from the server has another size than it says.')
}
