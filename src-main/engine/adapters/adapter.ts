import type { Variant } from '#core/families/families.ts'
import type { WeightChange } from '../models/weights.ts'

/** What an adapter is made of, by the names in its file; all but `oft` are built. */
export type AdapterKind =
  | 'lora'
  | 'tucker'
  | 'loha'
  | 'lokr'
  | 'dora'
  | 'glora'
  | 'difference'
  | 'norm'
  | 'bias'
  | 'oft'

/** Which of a layer's two tensors is changed. */
type Parameter = 'weight' | 'bias'

/** The change of one weight or bias. */
export interface AdapterModule {
  /** As the file has it, without the ending: `lora_unet_down_blocks_0_...`. */
  readonly name: string
  readonly parameter: Parameter
  readonly change: WeightChange
  /** Of the weight that it was made for; a convolution's may be flattened to `(out, rest)`. */
  readonly shape: readonly number[]
  /** Absent where nothing is factorised. */
  readonly rank?: number
}

/** What the adapter was trained on, to judge by its names and shapes. */
export interface AdapterBase {
  /** `SD1.x`, `SDXL`, ...; absent at a width that no published family has. */
  readonly family?: string
  /** Size of the family's model; absent where the adapter changes too little to tell. */
  readonly variant?: Variant
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
