import type { Value } from '../../onnx/ir.ts'
import type { Module } from './module.ts'

const groups = 32

export interface ConvShape {
  readonly channels: number
  readonly kernel: 1 | 3
  readonly stride?: 1 | 2
  /** Rows above, columns left, rows below, columns right; default: what keeps the size. */
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
  const around = (kernel - 1) / 2
  const weight = module.weight('weight', [channels, channelsOf(x), kernel, kernel])
  return module.graph.add('Conv', [x, weight, bias(module, channels)], {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: pads ?? [around, around, around, around],
    group: 1,
  })
}

/** A linear map of the last axis; the file may store it as a 1x1 convolution. */
export function linear(module: Module, x: Value, width: number): Value {
  return module.graph.add('Linear', [x, module.weight('weight', [width, widthOf(x)]), bias(module, width)], {})
}

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
