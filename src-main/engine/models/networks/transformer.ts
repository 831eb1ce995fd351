import { product } from '../../onnx/dim.ts'
import type { Value } from '../../onnx/ir.ts'
import { channelsOf, groupNorm, layerNorm, linear, widthOf } from './layers.ts'
import type { Module } from './module.ts'

export interface Transformer {
  readonly depth: number
  readonly heads: number
  /** `[batch, tokens, width]` */
  readonly context: Value
  /** Self-attention looks at every n-th pixel of rows and columns (arXiv 2402.13573); 1: at all. */
  readonly keyStride: number
}

/** Transformer blocks on the pixels of `[batch, channels, height, width]` (diffusers' Transformer2DModel). */
export function transformer(module: Module, x: Value, { depth, heads, context, keyStride }: Transformer): Value {
  const channels = channelsOf(x)
  let tokens = linear(module.at('proj_in'), toTokens(module, groupNorm(module.at('norm'), x, 1e-6, false)), channels)
  for (let index = 0; index < depth; index++) {
    const keys = (all: Value) => (keyStride === 1 ? all : everyNth(module, all, x, keyStride))
    tokens = transformerBlock(module.at(`transformer_blocks.${index}`), tokens, { context, heads, keys })
  }
  return module.graph.add('Add', [x, toPixels(module, linear(module.at('proj_out'), tokens, channels), x)], {})
}

/** Single-head attention on the pixels of `[batch, channels, height, width]` (the middle of a VAE). */
export function pixelAttention(module: Module, x: Value, epsilon: number): Value {
  const tokens = toTokens(module, groupNorm(module.at('group_norm'), x, epsilon, false))
  return module.graph.add('Add', [x, toPixels(module, attention(module, tokens, tokens, 1), x)], {})
}

interface Block extends Pick<Transformer, 'context' | 'heads'> {
  /** The tokens that self-attention looks at. */
  keys(tokens: Value): Value
}

function transformerBlock(module: Module, x: Value, { context, heads, keys }: Block): Value {
  const { graph } = module
  const normalised = layerNorm(module.at('norm1'), x)
  const self = graph.add('Add', [x, attention(module.at('attn1'), normalised, keys(normalised), heads)], {})
  const crossed = attention(module.at('attn2'), layerNorm(module.at('norm2'), self), context, heads)
  const cross = graph.add('Add', [self, crossed], {})
  return graph.add('Add', [cross, feedForward(module.at('ff.net'), layerNorm(module.at('norm3'), cross))], {})
}

function attention(module: Module, x: Value, context: Value, heads: number): Value {
  const width = widthOf(x)
  const query = linear(module.at('to_q'), x, width)
  const key = linear(module.at('to_k'), context, width)
  const value = linear(module.at('to_v'), context, width)
  const attended = module.graph.add('Attention', [query, key, value], { heads, causal: false })
  return linear(module.at('to_out.0'), attended, width)
}

/** GEGLU: one half of the projection times the GELU of the other. */
function feedForward(module: Module, x: Value): Value {
  const { graph } = module
  const inner = 4 * widthOf(x)
  const projected = linear(module.at('0.proj'), x, 2 * inner)
  const [hidden = projected, gate = projected] = graph.addAll('Split', [projected], { axis: 2, num_outputs: 2 })
  const activated = graph.add('Gelu', [gate], { approximate: 'none' })
  return linear(module.at('2'), graph.add('Mul', [hidden, activated], {}), widthOf(x))
}

/** The tokens of every n-th pixel of rows and columns, of tokens for all pixels of `like`. */
function everyNth(module: Module, tokens: Value, like: Value, stride: number): Value {
  const channels = channelsOf(like)
  const one = module.graph.constant(new Float32Array(channels).fill(1), [channels, 1, 1, 1])
  const attributes = { kernel_shape: [1, 1], strides: [stride, stride], pads: [0, 0, 0, 0], group: channels }
  return toTokens(module, module.graph.add('Conv', [toPixels(module, tokens, like), one, undefined], attributes))
}

/** `[batch, channels, height, width]` to `[batch, height * width, channels]` */
function toTokens({ graph }: Module, x: Value): Value {
  const [batch = 1, channels = 1, ...space] = x.shape
  const flat = graph.reshape(x, [batch, channels, product(space)])
  return graph.add('Transpose', [flat], { perm: [0, 2, 1] })
}

/** The inverse of {@link toTokens}, with the shape of `like`. */
function toPixels({ graph }: Module, tokens: Value, like: Value): Value {
  return graph.reshape(graph.add('Transpose', [tokens], { perm: [0, 2, 1] }), like.shape, like)
}
