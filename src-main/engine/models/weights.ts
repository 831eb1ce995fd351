import type { Dtype } from '#core/formats/safetensors.ts'

/** Where the bytes of a tensor lie. */
export interface TensorRef {
  /** Real path of the file. */
  readonly file: string
  /** The tensor's own name in that file. */
  readonly name: string
  readonly dtype: Dtype
  readonly shape: readonly number[]
  /** Absolute, from the start of the file, in bytes. */
  readonly offset: number
  readonly byteLength: number
}

/** One low-rank difference of one weight: `scale * up @ down`, flattened to matrices and shaped as the weight. */
export interface WeightDelta {
  /** `(out, rank)` or `(out, rank, 1, 1)` */
  readonly up: TensorRef
  /** `(rank, in)` or `(rank, in, kh, kw)` */
  readonly down: TensorRef
  /** strength * alpha / rank; alpha / rank alone where the strength is live */
  readonly scale: number
  /** The input of the session that gives the strength when it runs. */
  readonly live?: string
}

/** What a network is built from; names are diffusers' (`down_blocks.0.resnets.0.conv1.weight`), whatever the file calls them. */
export interface NetworkWeights {
  readonly tensors: ReadonlyMap<string, TensorRef>
  readonly deltas: ReadonlyMap<string, readonly WeightDelta[]>
}
