import type { TensorRef } from '../models/weights.ts'

/** Ways to write down a change of weights; only `lora` is built, on linear layers and convolutions alike. */
export type AdapterKind = 'lora' | 'tucker' | 'loha' | 'lokr' | 'dora' | 'glora' | 'oft' | 'difference' | 'bias'

/** The low-rank change of one weight: `scale * up @ down`. */
export interface AdapterModule {
  /** As the file has it, without the ending: `lora_unet_down_blocks_0_...`. */
  readonly name: string
  /** `(out, rank)` or `(out, rank, 1, 1)` */
  readonly up: TensorRef
  /** `(rank, in)` or `(rank, in, kh, kw)` */
  readonly down: TensorRef
  readonly rank: number
  /** alpha / rank; 1 where the file gives no alpha. */
  readonly scale: number
}

/** What the adapter was trained on, to judge by its names and shapes. */
export interface AdapterBase {
  /** `SD1.x`, `SDXL`, ...; absent at a width that no published family has. */
  readonly family?: string
  /** Width of the text that its cross-attention reads. */
  readonly contextWidth?: number
}

export interface Adapter {
  /** Real path of the file. */
  readonly path: string
  /** Changes when the file changes. */
  readonly identity: string
  readonly modules: readonly AdapterModule[]
  readonly base: AdapterBase
  /** Names of tensors that are of no known form. */
  readonly unknown: readonly string[]
}
