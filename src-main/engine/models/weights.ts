import type { Dtype } from '#core/formats/safetensors.ts'

/** Where the bytes of a tensor lie. */
export interface TensorRef {
  /** Real path of the file. */
  readonly file: string
  /** The tensor's own name in that file. */
  readonly name: string
  readonly dtype: Dtype
  readonly shape: readonly number[]
  /** The file has it the other way round: `(in, out)` for a `shape` of `(out, in)`. */
  readonly turned?: true
  /** Absolute, from the start of the file, in bytes. */
  readonly offset: number
  readonly byteLength: number
}

/** A matrix that a file has as `left @ right`; for a convolution's kernel there may be a core between the two (Tucker). */
export interface Product {
  /** `(out, rank)`, `(out, rank, 1, 1)` or, with `turned`, `(rank, out)` */
  readonly left: TensorRef
  /** `(rank, ...)`: the other axes of the weight, flattened or not */
  readonly right: TensorRef
  /** `(rank of left, rank of right, kh, kw)` */
  readonly core?: TensorRef
  readonly turned?: true
}

/** What each kind of change is made of; `W` is the weight as the checkpoint has it, flattened to `(out, rest)`. */
interface ChangeFields {
  /** `left @ right`: LoRA, LoCon, LoCon with a Tucker core. */
  lora: { readonly product: Product }
  /** Both products, multiplied element by element; arXiv 2108.06098. */
  loha: { readonly products: readonly [Product, Product] }
  /** The Kronecker product of both; arXiv 2309.14859. */
  lokr: { readonly factors: readonly [TensorRef | Product, TensorRef | Product] }
  /** `W @ onWeight + beside`; arXiv 2306.07967. */
  glora: { readonly onWeight: Product; readonly beside: Product }
  /** `magnitude * V / |W or V| - W`, where `V = W + direction`; arXiv 2402.09353. */
  dora: {
    readonly direction: Exclude<WeightChange, { kind: 'dora' }>
    readonly magnitude: TensorRef
    /** What has the magnitudes: rows (outputs) or columns (inputs). */
    readonly axis: 'out' | 'in'
    /** Whose norm divides: ComfyUI's rule for rows takes the weight's, PEFT's the sum's. */
    readonly norm: 'weight' | 'sum'
  }
  /** The difference itself: `.diff`, norms, biases. */
  difference: { readonly tensor: TensorRef }
  /** `tensor - W`: `.set_weight`. */
  replacement: { readonly tensor: TensorRef }
}
export type ChangeKind = keyof ChangeFields

/** A change of one weight, by what files write down; `scale` is alpha / rank, 1 where there is none. */
export type ChangeOf<K extends ChangeKind> = {
  [P in K]: { readonly kind: P; readonly scale: number } & ChangeFields[P]
}[K]
export type WeightChange = ChangeOf<ChangeKind>

/** A change with a strength. Every change is taken at the weight of the checkpoint, so deltas are a sum, whatever their kinds. */
export interface WeightDelta {
  /** File and module that it comes from: gives equal sums one order. */
  readonly source: string
  readonly change: WeightChange
  /** Or the input of the session that gives it when it runs. */
  readonly strength: number | { readonly input: string }
  /** The rows of the change that are for this weight, where it was made for several on top of one another. */
  readonly rows?: readonly [start: number, end: number]
}

/** What a network is built from; names are diffusers' (`down_blocks.0.resnets.0.conv1.weight`), whatever the file calls them. */
export interface NetworkWeights {
  readonly tensors: ReadonlyMap<string, TensorRef>
  readonly deltas: ReadonlyMap<string, readonly WeightDelta[]>
}
