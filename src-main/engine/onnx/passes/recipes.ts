import type { Precision } from '#core/protocol/messages.ts'
import { channelsLast } from './channels-last.ts'
import { fuse, pack } from './fuse.ts'
import { half } from './half.ts'
import {
  attentionByScores,
  causalByScores,
  cpuLowerings,
  gatherFloat32,
  gpuLowerings,
  type Lowerings,
  mappedCpuLowerings,
  rowByProduct,
} from './lower.ts'
import { peephole } from './peephole.ts'
import type { Pass } from './rewrite.ts'

/** ONNX Runtime's execution providers that graphs are written for. */
export type Provider = 'cpu' | 'cuda' | 'dml' | 'coreml' | 'webgpu'

/** How graphs are written for a provider. */
interface Recipe {
  /** What `auto` computes in. The processor has no kernels for products in half precision. */
  readonly precision: Precision
  /** Replaces composite ops by ops that the provider has kernels for, and other ops by faster ones. */
  readonly lowerings: Readonly<Record<Precision, Lowerings>>
  /** In place of them where the weights lie as the graph needs them in files that sessions map. */
  readonly mapped?: Lowerings
  /** Before and after lowering. */
  readonly before?: readonly Pass[]
  readonly after?: readonly Pass[]
}

const both = (lowerings: Lowerings): Recipe['lowerings'] => ({ float32: lowerings, float16: lowerings })

/** One row for each provider; docs/devices.md has what each was tested with. */
export const recipes: Readonly<Record<Provider, Recipe>> = {
  cpu: { precision: 'float32', lowerings: both(cpuLowerings), mapped: mappedCpuLowerings },
  cuda: {
    precision: 'float16',
    lowerings: both({ ...gpuLowerings, ...channelsLast }),
    before: [pack],
    after: [fuse],
  },
  dml: {
    precision: 'float16',
    // it has only Microsoft's Gelu
    lowerings: both({
      ...gpuLowerings,
      Attention: causalByScores,
      Gelu: (graph, { inputs }) => graph.add('MicrosoftGelu', inputs, {}),
    }),
  },
  coreml: {
    precision: 'float16',
    lowerings: both({ ...gpuLowerings, Attention: attentionByScores, GatherND: rowByProduct }),
  },
  webgpu: {
    precision: 'float16',
    lowerings: {
      // on SwiftShader the provider's fused attention has errors of 0.003 and more, and some GPUs lack float16
      float32: { ...gpuLowerings, Attention: attentionByScores, Gather: gatherFloat32, GatherND: rowByProduct },
      float16: { ...gpuLowerings, Attention: causalByScores, GatherND: rowByProduct },
    },
  },
}

/**
 * Lowers composite ops for a provider.
 * @param mapped whether the session will map its weights from files instead of owning what it computes of them
 */
export function lower(provider: Provider, precision: Precision = 'float32', mapped = false): Pass {
  const recipe = recipes[provider]
  return { name: 'lower', rules: (mapped && recipe.mapped) || recipe.lowerings[precision] }
}

/** All passes for a provider, in order; `mapped` as in {@link lower}. */
export function passesFor(provider: Provider, precision: Precision = 'float32', mapped = false): readonly Pass[] {
  const { before = [], after = [] } = recipes[provider]
  const precisionPasses = precision === 'float16' ? [half] : []
  return [...precisionPasses, ...before, lower(provider, precision, mapped), ...after, peephole]
}
