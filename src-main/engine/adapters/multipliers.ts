import { type RotationBlocks, rotationBlocks } from '../models/networks/rotation.ts'
import { count } from '../models/networks/stored.ts'
import type { Rotation, TensorRef } from '../models/weights.ts'
import { Incomplete, type Module, problem, type Reader, type UnscaledModule, unscaledModule } from './module.ts'
import { isFeedforward } from './peft.ts'

/** Readers of kinds that multiply the weight: rotations (OFT, BOFT) and gains (IA³). */
export const multipliers: readonly Reader[] = [lycorisRotation, peftOft, peftBoft, peftGain, lycorisGain]

/** OFT and BOFT of LyCORIS and kohya, on the outputs. Alpha is the limit of the rotation, per output. */
function lycorisRotation(module: Module): UnscaledModule | undefined {
  const blocks = module.pieces.get('oftBlocks')
  if (!blocks) return undefined
  const gains = module.pieces.get('rescale')
  const { blocks: number, size } = layoutOf(module, blocks)
  const out = number * size
  if (gains && count(gains.shape) !== out) {
    throw problem('mismatch', module, `has [${gains.shape}] factors for ${out} outputs`)
  }
  // BOFT multiplies by the blocks, OFT by their transposes
  const butterfly = blocks.shape.length === 4
  const rotation = {
    blocks,
    axis: 'out',
    skew: butterfly ? 1 : -1,
    ...(butterfly && { butterfly: 'interleaved' }),
    ...(gains && { gains }),
  } as const satisfies Rotation
  return {
    ...unscaledModule(module, [out, null], (alpha) => {
      const limit = alpha > 0 ? { limit: { norm: alpha * out, of: 'all' as const } } : {}
      return { kind: 'rotation', scale: 1, ...rotation, ...limit }
    }),
    alphaIs: 'limit',
  }
}

/** OFT of PEFT, on the inputs. Without a config, its defaults hold. */
function peftOft(module: Module): UnscaledModule | undefined {
  const blocks = module.pieces.get('oftR')
  if (!blocks) return undefined
  const { blocks: number, size } = layoutOf(module, blocks)
  const { config } = module
  const series = !config || config.use_cayley_neumann === true
  const { num_cayley_neumann_terms: terms = 5, eps = 6e-5, coft, block_share: shared } = config ?? {}
  const rotation: Rotation = {
    blocks,
    axis: 'in',
    // the exact form turns the other way
    skew: series ? 1 : -1,
    ...(series && { terms }),
    ...(coft && { limit: { norm: eps / Math.sqrt(number), of: 'block' } }),
  }
  return unscaledModule(module, [null, shared ? null : number * size], () => ({
    kind: 'rotation',
    scale: 1,
    ...rotation,
  }))
}

/** BOFT of PEFT, on the inputs, with a factor for each output. */
function peftBoft(module: Module): UnscaledModule | undefined {
  const blocks = module.pieces.get('boftR')
  if (!blocks) return undefined
  const gains = module.pieces.get('boftS')
  const { blocks: number, size, stages } = layoutOf(module, blocks)
  const rotation: Rotation = {
    blocks,
    axis: 'in',
    skew: -0.5,
    ...(stages > 1 && { butterfly: 'sorted' }),
    ...(gains && { gains }),
  }
  const out = gains ? count(gains.shape) : null
  return unscaledModule(module, [out, number * size], () => ({ kind: 'rotation', scale: 1, ...rotation }))
}

/** Larger ones take minutes for each layer. Trainers write blocks of 4 to some hundreds. */
const largestBlock = 4096

function layoutOf(module: Module, blocks: TensorRef): RotationBlocks {
  const layout = rotationBlocks(blocks.shape)
  if (!layout) throw problem('mismatch', module, `has [${blocks.shape}], which are no square blocks`)
  if (layout.size <= largestBlock) return layout
  throw problem('unsupported', module, `has blocks of ${layout.size} rows; up to ${largestBlock} can be computed`)
}

/** (IA)³ of PEFT: `(out, 1)` or `(1, in)`; for convolutions always `(1, channels, 1, 1)`. Outputs include the bias. */
function peftGain(module: Module): UnscaledModule[] | undefined {
  const gains = module.pieces.get('gains')
  if (!gains) return undefined
  const [first, , ...pointwise] = gains.shape
  const feedforward = isFeedforward(module.config, module.name) ?? (pointwise.length === 0 && first === 1)
  const size = count(gains.shape)
  const change = { kind: 'gain', scale: 1, gains, axis: feedforward ? 'in' : 'out', neutral: 1 } as const
  if (feedforward) return [unscaledModule(module, perInput(size, pointwise), () => change)]
  const bias = { ...unscaledModule(module, [size], () => change), parameter: 'bias' as const }
  return [unscaledModule(module, [size, null], () => change), bias]
}

/** (IA)³ of LyCORIS, which stores what it adds to one. */
function lycorisGain(module: Module): UnscaledModule | undefined {
  const gains = module.pieces.get('ia3Weight')
  if (!gains) return undefined
  if (!module.pieces.has('onInput')) throw new Incomplete('it has a weight and no known kind')
  const size = count(gains.shape)
  const axis = module.onInput ? 'in' : 'out'
  const shape = module.onInput ? perInput(size, gains.shape.slice(2)) : [size, null]
  return unscaledModule(module, shape, () => ({ kind: 'gain', scale: 1, gains, axis, neutral: 0 }))
}

/** `(out, in)` or `(out, in, kh, kw)`, of which only the inputs are known. */
function perInput(size: number, pointwise: readonly number[]): readonly (number | null)[] {
  return [null, size, ...pointwise.map(() => null)]
}
