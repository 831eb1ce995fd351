import { LoomError } from '#core/errors.ts'
import { symbol } from '../../onnx/dim.ts'
import { Graph } from '../../onnx/graph.ts'
import type { Value } from '../../onnx/ir.ts'
import type { Network } from '../checkpoint.ts'
import type { TextEncoderConfig } from '../config.ts'
import type { NetworkWeights } from '../weights.ts'
import { layerNorm, linear } from './layers.ts'
import { type Model, modelOf } from './model.ts'
import { Module } from './module.ts'

/** A text encoder: one tower, or SDXL's two. */
export interface TextTowers {
  readonly textEncoder?: Network<TextEncoderConfig>
  readonly textEncoder2?: Network<TextEncoderConfig>
}

interface TextEncoderOptions extends TextTowers {
  /**
   * The hidden state that is the context, counted from the end ("CLIP skip"). `auto` and 1: the one that each tower's
   * family was trained with.
   */
  readonly skip: number | 'auto'
}

/** A tower in the common graph. Its inputs end in `suffix`, and names of its weights start with `scope`. */
export interface Tower extends Network<TextEncoderConfig> {
  readonly suffix: '' | '2'
  readonly scope: string
}

/** The present towers, in the order in which their contexts are concatenated. */
export function towersOf({ textEncoder, textEncoder2 }: TextTowers): readonly Tower[] {
  return [
    ...(textEncoder ? [{ ...textEncoder, suffix: '', scope: '' } as const] : []),
    ...(textEncoder2 ? [{ ...textEncoder2, suffix: '2', scope: 'text_encoder_2.' } as const] : []),
  ]
}

/**
 * CLIP's text towers (transformers' CLIPTextModel, CLIPTextModelWithProjection) as one graph. Inputs (for SDXL's second
 * tower with the suffix `2`): `tokens` int64 [batch, positions]; `vectors` [batch, positions, width], the vectors of
 * textual inversion; `plain` [batch, positions, 1], 0 where a vector replaces the token's embedding, else 1.
 *
 * Outputs, float32: `context` [batch, positions, widths], the chosen hidden states, and `pooled` [batch, width] of the
 * last tower: its last state after the final norm at the first end token, projected if the file has a projection.
 * @throws LoomError `range` for a skip that a tower does not have; as {@link Module.weight}
 */
export function buildTextEncoder({ skip, ...towers }: TextEncoderOptions): Model {
  requireSkip(towers, skip)
  const graph = new Graph()
  const outputs = towersOf(towers).map((tower) => buildTower(graph, tower, skip))
  const contexts = outputs.map(({ context }) => context)
  const [only = missing()] = contexts
  graph.output('context', contexts.length === 1 ? only : graph.add('Concat', contexts, { axis: 2 }))
  graph.output('pooled', outputs.at(-1)?.pooled ?? missing())
  return modelOf(graph)
}

function missing(): never {
  throw new LoomError('mismatch', 'There is no text encoder.')
}

/** @throws LoomError `range` for a hidden state that a tower does not have */
export function requireSkip(towers: TextTowers, skip: number | 'auto'): void {
  if (skip === 'auto') return
  const layers = Math.min(...towersOf(towers).map(({ config }) => config.layers))
  if (Number.isInteger(skip) && skip >= 1 && skip <= layers) return
  throw new LoomError('range', `CLIP skip ${skip} is not between 1 and the encoder's ${layers} layers.`, {
    input: 'clipSkip',
    hint: `Set it to 1, or up to ${layers}.`,
  })
}

function buildTower(graph: Graph, { config, weights, suffix, scope }: Tower, skip: number | 'auto') {
  const { width, positions, vocabulary, layers, projectionWidth } = config
  const root = new Module(graph, inScope(weights, scope), scope.slice(0, -1))
  const module = root.at('text_model')
  const embeddings = module.at('embeddings')
  const batch = symbol('batch')
  const tokens = graph.input(`tokens${suffix}`, 'int64', [batch, positions])
  const vectors = graph.input(`vectors${suffix}`, 'float32', [batch, positions, width])
  const plain = graph.input(`plain${suffix}`, 'float32', [batch, positions, 1])
  const rows = embeddings.rows('token_embedding.weight', [vocabulary, width], tokens)
  const words = graph.add('Add', [graph.add('Mul', [rows, plain], {}), vectors], {})
  const places = embeddings.weight('position_embedding.weight', [positions, width])
  const states = [graph.add('Add', [words, places], {})]
  for (let layer = 0; layer < layers; layer++) {
    const state = states.at(-1) ?? words
    states.push(encoderLayer(module.at(`encoder.layers.${layer}`), state, config))
  }
  const normalised = (state: Value) => layerNorm(module.at('final_layer_norm'), state)
  const state = states.at(-(skip === 'auto' || skip === 1 ? config.skip : skip)) ?? words
  const end = graph.add('ArgMax', [tokens], { axis: 1 })
  const pooled = graph.add('GatherND', [normalised(states.at(-1) ?? words), end], { batch_dims: 1 })
  return {
    context: config.finalNorm ? normalised(state) : state,
    pooled: projectionWidth === undefined ? pooled : linear(root.at('text_projection'), pooled, projectionWidth),
  }
}

/** Prefixes the weights' names, to separate the towers of the graph. */
function inScope(weights: NetworkWeights, scope: string): NetworkWeights {
  const scoped = <T>(map: ReadonlyMap<string, T>) => new Map(Array.from(map, ([name, value]) => [scope + name, value]))
  return scope === '' ? weights : { tensors: scoped(weights.tensors), deltas: scoped(weights.deltas) }
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
