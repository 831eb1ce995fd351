/** What Electron tells of the frame that a call comes from. Null: the frame has gone. */
interface Frame {
  readonly url: string
  readonly parent: unknown
}

/** Whether a call comes from a window's own page: from the whole of it, and not from a frame inside. */
export function isOwnPage(frame: Frame | null | undefined, origin: string): boolean {
  return frame?.parent === null && isOf(frame.url, origin)
}

/** Whether an address is of this origin. Those without one, such as `data:` and `about:blank`, are of none. */
export const isOf = (address: string, origin: string): boolean => parseAddress(address)?.origin === origin

/** The parts of an address, or of one relative to `base`; undefined for what is none. */
export function parseAddress(address: string, base?: URL): URL | undefined {
  try {
    return new URL(address, base)
  } catch {
    return undefined
  }
}
