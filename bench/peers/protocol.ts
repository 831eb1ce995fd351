/** What a peer is asked, and what it answers: a line of JSON each. `size` is that of the picture, in pixels of a side. */
export interface Requests {
  version: Record<never, never>
  /** Makes the session of the UNet. */
  open: Record<never, never>
  step: { readonly count: number; readonly size?: number; readonly batch?: number }
  decode: { readonly size?: number }
}
export type Task = keyof Requests

/** Times in seconds. */
export interface Answers {
  version: { readonly version: string }
  open: { readonly seconds: number }
  step: {
    readonly seconds: readonly number[]
    /** Eight numbers of the prediction; none where the noise is the peer's own. */
    readonly sample: readonly number[]
    /** Bytes: the most that was resident, file pages too, and what is resident now and no file's. */
    readonly peak: number
    readonly anonymous: number
  }
  decode: { readonly seconds: number }
}
