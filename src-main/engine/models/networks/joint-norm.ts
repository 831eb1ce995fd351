import type { Graph } from '../../onnx/graph.ts'
import type { Value } from '../../onnx/ir.ts'
import { channelsOf, groups, type Norm } from './layers.ts'

/** Statistics per norm and group: mean and variance. */
const moments = 2

/** Shape of the statistics of `norms` norms. */
export function statisticsShape(norms: number): readonly [number, number, number] {
  return [norms, moments, groups]
}

interface JointNorms {
  readonly norm: Norm
  /** Call it after the last norm. */
  finish(): void
}

/**
 * Group norms whose statistics the tiles of a picture share, so that neighbours are equally bright. Adds the inputs
 * `given` (statistics of {@link statisticsShape}) and `known`: at 1 the norms use `given`, at 0 the tile's own. The
 * output `statistics` is the tile's own. The batch is 1.
 */
export function jointNorms(graph: Graph, norms: number): JointNorms {
  const known = graph.input('known', 'float32', [])
  const given = graph.input('given', 'float32', statisticsShape(norms))
  const own: Value[] = []
  const norm: Norm = (module, x, epsilon, silu) => {
    const [mean, variance] = statisticsOf(graph, x)
    const row = graph.add('Gather', [given, graph.integers([own.length])], {})
    own.push(graph.reshape(graph.add('Concat', [mean, variance], { axis: 0 }), [1, moments, groups]))
    const [givenMean = row, givenVariance = row] = graph
      .addAll('Split', [row], { axis: 1, num_outputs: moments })
      .map((part) => graph.reshape(part, [groups, 1]))
    const chosen = (mine: Value, theirs: Value) =>
      graph.add('Add', [mine, graph.add('Mul', [known, graph.add('Sub', [theirs, mine], {})], {})], {})
    const spread = graph.add(
      'Sqrt',
      [graph.add('Add', [chosen(variance, givenVariance), graph.scalar(epsilon)], {})],
      {},
    )
    const channels = channelsOf(x)
    const grouped = (name: string) => graph.reshape(module.weight(name, [channels]), [groups, channels / groups])
    const scale = graph.add('Div', [grouped('weight'), spread], {})
    const shift = graph.add('Sub', [grouped('bias'), graph.add('Mul', [chosen(mean, givenMean), scale], {})], {})
    // a depthwise convolution reads the memory only once
    const normalised = graph.add(
      'Conv',
      [x, graph.reshape(scale, [channels, 1, 1, 1]), graph.reshape(shift, [channels])],
      { kernel_shape: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0], group: channels },
    )
    return silu ? graph.add('Silu', [normalised], {}) : normalised
  }
  return { norm, finish: () => graph.output('statistics', graph.add('Concat', own, { axis: 0 })) }
}

/** Mean and variance of each group, `[groups, 1]`. */
function statisticsOf(graph: Graph, x: Value): [mean: Value, variance: Value] {
  const grouped = graph.add('Reshape', [x, graph.integers([groups, -1])], {})
  const rows = graph.integers([1])
  const mean = graph.add('ReduceMean', [grouped, rows], {})
  const count = graph.add('Cast', [graph.sizesOf(grouped, 1, 2)], { to: 'float32' })
  const square = graph.add('Div', [graph.add('ReduceSumSquare', [grouped, rows], {}), count], {})
  return [mean, graph.add('Sub', [square, graph.add('Mul', [mean, mean], {})], {})]
}
