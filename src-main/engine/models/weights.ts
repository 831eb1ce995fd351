import type { Dtype } from '#core/formats/safetensors.ts'

/** The location of a tensor's bytes. */
export interface TensorRef {
  /** Real path of the file. */
  readonly file: string
  /** Name in the file. */
  readonly name: string
  readonly dtype: Dtype
  readonly shape: readonly number[]
  /** Stored transposed: `(in, out)` for a `shape` of `(out, in)`. */
  readonly turned?: true
  /** From the start of the file, in bytes. */
  readonly offset: number
  readonly byteLength: number
}

/** A matrix stored as `left @ right`. For a convolution there may be a core in between (Tucker). */
export interface Product {
  /** `(out, rank)`, `(out, rank, 1, 1)` or, with `turned`, `(rank, out)` */
  readonly left: TensorRef
  /** `(rank, ...)`: the other axes of the weight, flattened or not */
  readonly right: TensorRef
  /** `(rank of left, rank of right, kh, kw)` */
  readonly core?: TensorRef
  readonly turned?: true
}

/** Fields of each kind of change. `W` is the checkpoint's weight, flattened to `(out, rest)`. */
interface ChangeFields {
  /** `left @ right`: LoRA, LoCon, LoCon with a Tucker core. */
  lora: { readonly product: Product }
  /** The element-wise product of both products; arXiv 2108.06098. */
  loha: { readonly products: readonly [Product, Product] }
  /** The Kronecker product of both; arXiv 2309.14859. */
  lokr: { readonly factors: readonly [TensorRef | Product, TensorRef | Product] }
  /** `W @ onWeight + beside`; arXiv 2306.07967. */
  glora: { readonly onWeight: Product; readonly beside: Product }
  /** `magnitude * V / |W or V| - W`, where `V = W + direction`; arXiv 2402.09353. */
  dora: {
    readonly direction: Exclude<WeightChange, { kind: 'dora' }>
    readonly magnitude: TensorRef
    /** The axis of the magnitudes: rows (outputs) or columns (inputs). */
    readonly axis: 'out' | 'in'
    /** The norm to divide by: that of the weight (ComfyUI's rule for rows) or of the sum (PEFT). */
    readonly norm: 'weight' | 'sum'
  }
  /** The difference itself: `.diff`, norms, biases. */
  difference: { readonly tensor: TensorRef }
  /** `tensor - W`: `.set_weight`. */
  replacement: { readonly tensor: TensorRef }
}
export type ChangeKind = keyof ChangeFields

/** A change of a weight, as stored in files. `scale` is alpha / rank, or 1 without alpha. */
export type ChangeOf<K extends ChangeKind> = {
  [P in K]: { readonly kind: P; readonly scale: number } & ChangeFields[P]
}[K]
export type WeightChange = ChangeOf<ChangeKind>

/** A change with a strength. Changes of all kinds add up, because each is computed from the checkpoint's weight. */
export interface WeightDelta {
  /** File and module of origin, by which deltas are sorted. */
  readonly source: string
  readonly change: WeightChange
  /** A number, or the session input that holds it at run time. */
  readonly strength: number | { readonly input: string }
  /** The change's rows for this weight, if it was made for several stacked weights. */
  readonly rows?: readonly [start: number, end: number]
}

/** The weights of a network, always named as in diffusers (`down_blocks.0.resnets.0.conv1.weight`). */
export interface NetworkWeights {
  readonly tensors: ReadonlyMap<string, TensorRef>
  readonly deltas: ReadonlyMap<string, readonly WeightDelta[]>
}
