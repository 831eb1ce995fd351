import type { Value } from '../../onnx/ir.ts'
import { channelsOf, conv, groupNorm, linear, type Norm } from './layers.ts'
import type { Module } from './module.ts'

export interface ResidualBlock {
  readonly channels: number
  readonly epsilon: number
  /** Timestep embedding after SiLU, `[batch, width]`. A VAE has none. */
  readonly embedding?: Value
  /** The norm; default {@link groupNorm}. */
  readonly norm?: Norm
}

/** Two convolutions and a shortcut (diffusers' ResnetBlock2D). `[batch, *, height, width]` to `channels`. */
export function residualBlock(
  module: Module,
  x: Value,
  { channels, epsilon, embedding, norm = groupNorm }: ResidualBlock,
): Value {
  const { graph } = module
  const first = conv(module.at('conv1'), norm(module.at('norm1'), x, epsilon, true), { channels, kernel: 3 })
  const hidden = embedding
    ? graph.add('Add', [first, shift(module.at('time_emb_proj'), embedding, channels)], {})
    : first
  const second = conv(module.at('conv2'), norm(module.at('norm2'), hidden, epsilon, true), { channels, kernel: 3 })
  const shortcut = channelsOf(x) === channels ? x : conv(module.at('conv_shortcut'), x, { channels, kernel: 1 })
  return graph.add('Add', [shortcut, second], {})
}

function shift(module: Module, embedding: Value, channels: number): Value {
  const projected = linear(module, embedding, channels)
  return module.graph.reshape(projected, [...projected.shape, 1, 1])
}
