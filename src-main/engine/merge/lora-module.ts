import { type BaseFamily, baseFamilies } from '#core/families/families.ts'
import type { SavedDtype } from '#core/plan/attributes.ts'
import type { TensorSource } from '../files/write-safetensors.ts'
import type { PartName } from '../models/parts.ts'
import { rounded } from './numbers.ts'

/** kohya's prefix for a network. Undefined for a network that adapters do not change. */
export function loraPrefix(part: PartName, family: BaseFamily): string | undefined {
  if (part === 'unet') return 'lora_unet'
  return part === 'vae' ? undefined : baseFamilies[family][part]?.kohya
}

export interface LoraModule {
  readonly prefix: string
  /** Name in diffusers of the weight that it changes. */
  readonly weight: string
  /** Shape of this weight: `(out, in)` or `(out, in, kh, kw)`. */
  readonly shape: readonly number[]
  readonly rank: number
  /** `(out, rank)`. Computed when it is written. */
  up(): Promise<Float32Array>
  /** `(rank, in * kh * kw)` */
  down(): Promise<Float32Array>
}

/** The tensors of a LoRA module with kohya's names. Alpha equals the rank, so that `up @ down` is the change. */
export function loraTensors(module: LoraModule, dtype: SavedDtype): TensorSource[] {
  const { rank, shape } = module
  const [out = 1, ...inner] = shape
  const name = `${module.prefix}_${module.weight.replace(/\.weight$/, '').replaceAll('.', '_')}`
  const tensor = (ending: string, of: readonly number[], values: () => Promise<Float32Array>): TensorSource => ({
    name: `${name}.${ending}.weight`,
    shape: of,
    dtype,
    async *data() {
      yield rounded(await values(), dtype, `${name}.${ending}`)
    },
  })
  return [
    tensor('lora_up', [out, rank, ...inner.slice(1).map(() => 1)], module.up),
    tensor('lora_down', [rank, ...inner], module.down),
    // bfloat16 cannot represent every rank above 256
    { name: `${name}.alpha`, shape: [], dtype: 'F32', data: rounded(Float32Array.of(rank), 'F32', name) },
  ]
}
