import { LoomError } from '#core/errors.ts'
import { symbol } from '../../onnx/dim.ts'
import { Graph } from '../../onnx/graph.ts'
import type { Value } from '../../onnx/ir.ts'
import type { Network } from '../checkpoint.ts'
import type { TextEncoderConfig } from '../config.ts'
import { layerNorm, linear } from './layers.ts'
import { type Model, modelOf } from './model.ts'
import { Module } from './module.ts'

export interface TextEncoderOptions {
  /** Which hidden state is the context, counted from the end ("CLIP skip"): 1 is the last. */
  readonly skip: number
}

/**
 * CLIP's text tower (transformers' CLIPTextModel). Input: `tokens` int64 [batch, positions]. Outputs, float32:
 * `context` [batch, positions, width], the chosen hidden state after the final norm, and `pooled` [batch, width], the
 * last state at the first end token, which has the highest id. Throws `range` for a skip that the tower does not have,
 * and what {@link Module.weight} throws.
 */
export function buildTextEncoder({ config, weights }: Network<TextEncoderConfig>, { skip }: TextEncoderOptions): Model {
  const { width, positions, vocabulary, layers } = config
  requireSkip(config, skip)
  const graph = new Graph()
  const tower = new Module(graph, weights, 'text_model')
  const embeddings = tower.at('embeddings')
  const tokens = graph.input('tokens', 'int64', [symbol('batch'), positions])
  const words = embeddings.rows('token_embedding.weight', [vocabulary, width], tokens)
  const places = embeddings.weight('position_embedding.weight', [positions, width])
  const states = [graph.add('Add', [words, places], {})]
  for (let layer = 0; layer < layers; layer++) {
    const state = states.at(-1) ?? words
    states.push(encoderLayer(tower.at(`encoder.layers.${layer}`), state, config))
  }
  const normalised = (state: Value | undefined) => layerNorm(tower.at('final_layer_norm'), state ?? words)
  const end = graph.add('ArgMax', [tokens], { axis: 1 })
  graph.output('context', normalised(states.at(-skip)))
  graph.output('pooled', graph.add('GatherND', [normalised(states.at(-1)), end], { batch_dims: 1 }))
  return modelOf(graph)
}

/** @throws LoomError `range` for a hidden state that the tower does not have */
export function requireSkip({ layers }: TextEncoderConfig, skip: number): void {
  if (Number.isInteger(skip) && skip >= 1 && skip <= layers) return
  throw new LoomError('range', `CLIP skip ${skip} is not between 1 and the encoder's ${layers} layers.`, {
    input: 'clipSkip',
    hint: `Set it to 1, or up to ${layers}.`,
  })
}

function encoderLayer(module: Module, x: Value, { width, heads, activation }: TextEncoderConfig): Value {
  const { graph } = module
  const attention = module.at('self_attn')
  const normalised = layerNorm(module.at('layer_norm1'), x)
  const project = (name: string) => linear(attention.at(name), normalised, width)
  const attended = graph.add('Attention', [project('q_proj'), project('k_proj'), project('v_proj')], {
    heads,
    causal: true,
  })
  const middle = graph.add('Add', [x, linear(attention.at('out_proj'), attended, width)], {})
  const hidden = linear(module.at('mlp.fc1'), layerNorm(module.at('layer_norm2'), middle), 4 * width)
  const activated = activations[activation](graph, hidden)
  return graph.add('Add', [middle, linear(module.at('mlp.fc2'), activated, width)], {})
}

const activations: Readonly<Record<TextEncoderConfig['activation'], (graph: Graph, x: Value) => Value>> = {
  quick_gelu: (graph, x) => graph.add('QuickGelu', [x], { alpha: 1.702 }),
  gelu: (graph, x) => graph.add('Gelu', [x], { approximate: 'none' }),
}
