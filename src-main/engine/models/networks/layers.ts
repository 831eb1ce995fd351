import type { Graph } from '../../onnx/graph.ts'
import type { Value } from '../../onnx/ir.ts'
import type { LiveDelta, Module } from './module.ts'

/** Number of groups in every group norm. */
export const groups = 32

export interface ConvShape {
  readonly channels: number
  readonly kernel: 1 | 3
  readonly stride?: 1 | 2
  /** Top, left, bottom, right. By default the size is kept. */
  readonly pads?: readonly [number, number, number, number]
}

/** Channels of `[batch, channels, ...]`. */
export function channelsOf({ shape }: Value): number {
  return Number(shape[1])
}

/** Size of the last axis. */
export function widthOf({ shape }: Value): number {
  return Number(shape.at(-1))
}

export function conv(module: Module, x: Value, { channels, kernel, stride = 1, pads }: ConvShape): Value {
  const { graph } = module
  const around = (kernel - 1) / 2
  const attributes = {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: pads ?? [around, around, around, around],
    group: 1,
  }
  const { weight, live } = module.layerWeight('weight', [channels, channelsOf(x), kernel, kernel])
  const result = graph.add('Conv', [x, weight, bias(module, channels)], attributes)
  return addLive(graph, result, live, {
    down: (w) => graph.add('Conv', [x, w, undefined], attributes),
    up: (narrow, w) => graph.add('Conv', [narrow, w, undefined], pointwise),
  })
}

const pointwise = { kernel_shape: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0], group: 1 }

/** A linear layer on the last axis. The file may store it as a 1x1 convolution. */
export function linear(module: Module, x: Value, width: number): Value {
  const { graph } = module
  const { weight, live } = module.layerWeight('weight', [width, widthOf(x)])
  const result = graph.add('Linear', [x, weight, bias(module, width)], {})
  return addLive(graph, result, live, {
    down: (w) => graph.add('Linear', [x, w, undefined], {}),
    up: (narrow, w) => graph.add('Linear', [narrow, w, undefined], {}),
  })
}

/** `y + up(strength * down(x))` */
function addLive(
  graph: Graph,
  y: Value,
  live: LiveDelta | undefined,
  layers: { down(w: Value): Value; up(narrow: Value, w: Value): Value },
): Value {
  if (!live) return y
  const narrow = graph.add('Mul', [layers.down(live.down), live.strength], {})
  return graph.add('Add', [y, layers.up(narrow, live.up)], {})
}

/** Group norm of `[batch, channels, ...]` with scale and bias per channel, then SiLU if `silu`. */
export type Norm = (module: Module, x: Value, epsilon: number, silu: boolean) => Value

export function groupNorm(module: Module, x: Value, epsilon: number, silu: boolean): Value {
  const channels = channelsOf(x)
  const inputs = [x, module.weight('weight', [channels]), module.weight('bias', [channels])] as const
  return module.graph.add('GroupNorm', inputs, { groups, epsilon, silu })
}

export function layerNorm(module: Module, x: Value): Value {
  const width = widthOf(x)
  const inputs = [x, module.weight('weight', [width]), module.weight('bias', [width])] as const
  return module.graph.add('LayerNormalization', inputs, { epsilon: 1e-5 })
}

function bias(module: Module, channels: number): Value | undefined {
  return module.has('bias') ? module.weight('bias', [channels]) : undefined
}
