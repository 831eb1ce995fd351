import { LoomError } from '#core/errors.ts'
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
  /** How its bytes lie, if not row by row and lowest byte first. Models, which are used where they are, cannot have such. */
  readonly scattered?: string
}

/** @throws LoomError `unsupported` for a tensor that would have to be rearranged */
export function refuseScattered({ file, name, scattered }: TensorRef): void {
  if (scattered === undefined) return
  throw new LoomError('unsupported', `${file}: the tensor ${name} is stored ${scattered}.`, {
    hint: 'Load the file with torch where you trust it, and save it as .safetensors.',
  })
}

/**
 * A matrix stored as `left @ right`. Between them there may be the values of a diagonal (AdaLoRA) or, for a convolution, a
 * core (Tucker).
 */
export interface Product {
  /** `(out, rank)`, `(out, rank, 1, 1)` or, with `turned`, `(rank, out)` */
  readonly left: TensorRef
  /** `(rank, ...)`: the other axes of the weight, flattened or not */
  readonly right: TensorRef
  /** `(rank of left, rank of right, kh, kw)` */
  readonly core?: TensorRef
  /** `(rank, 1)` */
  readonly diagonal?: TensorRef
  readonly turned?: true
}

/**
 * `gains * R W - W` for outputs, `gains * W Rᵀ - W` for inputs (of a convolution: for each place of the kernel), where `R` is
 * a matrix of blocks `(I + Q) (I - Q)⁻¹` on the diagonal, or a product of several such matrices. OFT, arXiv 2306.07280;
 * BOFT, arXiv 2311.06243.
 */
export interface Rotation {
  /**
   * `(blocks, size, size)`, for BOFT `(stages, blocks, size, size)`, whose difference to its transpose is `Q / skew`; or the
   * triangles above the diagonal of `Q / skew`, `(blocks, size (size - 1) / 2)`. A single block may serve everywhere.
   */
  readonly blocks: TensorRef
  readonly axis: 'out' | 'in'
  readonly skew: 1 | -1 | -0.5
  /** Terms of the Neumann series that stands for the inverse. */
  readonly terms?: number
  /** Longer `Q` are shortened to this Frobenius norm: each block, or all together. */
  readonly limit?: { readonly norm: number; readonly of: 'block' | 'all' }
  /** The order in which BOFT's stages take rows. */
  readonly butterfly?: 'interleaved' | 'sorted'
  /** One for each output. */
  readonly gains?: TensorRef
}

/** Fields of each kind of change. `W` is the checkpoint's weight, flattened to `(out, rest)`. */
interface ChangeFields {
  /** `left @ right`: LoRA, LoCon, LoCon with a Tucker core, AdaLoRA. */
  lora: { readonly product: Product }
  /** The element-wise product of both products; arXiv 2108.06098. */
  loha: { readonly products: readonly [Product, Product] }
  /** The Kronecker product of both; arXiv 2309.14859. */
  lokr: { readonly factors: readonly [TensorRef | Product, TensorRef | Product] }
  /** `W @ onWeight + beside`; arXiv 2306.07967. */
  glora: { readonly onWeight: Product; readonly beside: Product }
  /** `magnitude * V / |V| - W`, where `V = W + direction`; arXiv 2402.09353. `|W|` may stand for `|V|`. */
  dora: {
    readonly direction: Exclude<WeightChange, { kind: 'dora' }>
    readonly magnitude: TensorRef
    /** The axis of the magnitudes: rows (outputs) or columns (inputs). */
    readonly axis: 'out' | 'in'
    /** What the lengths are of: the sum `V`, as the paper has it, or for rows also the weight `W`. */
    readonly lengthsOf: 'sum' | 'weight'
  }
  /** `W * (gains - neutral)` for each row or column; (IA)³, arXiv 2205.05638. */
  gain: {
    readonly gains: TensorRef
    /** Outputs, or inputs (input channels of a convolution). */
    readonly axis: 'out' | 'in'
    /** The gain that changes nothing. */
    readonly neutral: 0 | 1
  }
  rotation: Rotation
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
