import type { Variant } from '#core/families/families.ts'
import type { WeightChange } from '../models/weights.ts'

/** The tensor of a layer that is changed. */
type Parameter = 'weight' | 'bias'

/** The change of one weight or bias. */
export interface AdapterModule {
  /** Name in the file without the ending: `lora_unet_down_blocks_0_...`. */
  readonly name: string
  readonly parameter: Parameter
  readonly change: WeightChange
  /**
   * Shape of the weight that it changes. For a convolution it may be flattened to `(out, rest)`. `null` stands for a
   * size that the file does not show.
   */
  readonly shape: readonly (number | null)[]
  /** Absent without a factorisation. */
  readonly rank?: number
}

/** A module that is left out, and the reason as a clause: "its alpha is 0". */
export interface IdleModule {
  readonly name: string
  readonly reason: string
  /** Some of its tensors are missing. */
  readonly incomplete?: true
}

/** The model that an adapter was trained on, guessed from names and shapes. */
export interface AdapterBase {
  /** `SD1.x`, `SDXL`, ... Absent for a width that no published family has. */
  readonly family?: string
  /** Absent if the adapter changes too few layers to tell. */
  readonly variant?: Variant
  /** Width of the text context in cross-attention. */
  readonly contextWidth?: number
}

/** What a file does not say and how it is taken. */
export interface Assumption {
  /** A sentence. */
  readonly is: string
  readonly hint: string
}

export interface Adapter {
  /** Real path of the file. */
  readonly path: string
  /** Changes when the file changes. */
  readonly identity: string
  readonly modules: readonly AdapterModule[]
  readonly idle: readonly IdleModule[]
  readonly base: AdapterBase
  /** Names of tensors in no known form. */
  readonly unknown: readonly string[]
  /** What had to be assumed. */
  readonly assumed?: Assumption
}
