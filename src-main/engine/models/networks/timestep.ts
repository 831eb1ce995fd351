import type { Value } from '../../onnx/ir.ts'
import type { UnetConfig } from '../config.ts'
import { linear } from './layers.ts'
import type { Module } from './module.ts'

/**
 * Sinusoidal embedding of the timestep through two linear layers, with the SiLU that every residual block begins with.
 * A full LCM adds its projected guidance embedding before the first layer (arXiv 2310.04378, section 4.2).
 *
 * @param timestep `[batch]`
 * @param guidance `[batch, guidanceWidth]`
 */
export function timestepEmbedding(module: Module, config: UnetConfig, timestep: Value, guidance?: Value): Value {
  const { graph } = module
  const sinusoidal = sinusoids(module, timestep, config.channels)
  const projected = guidance && linear(module.at('cond_proj'), guidance, config.channels)
  const sum = projected ? graph.add('Add', [sinusoidal, projected], {}) : sinusoidal
  const width = 4 * config.channels
  const hidden = graph.add('Silu', [linear(module.at('linear_1'), sum, width)], {})
  return graph.add('Silu', [linear(module.at('linear_2'), hidden, width)], {})
}

/** Cosines, then sines, of the timestep at frequencies from 1 down to 1/10000 (exclusive). */
function sinusoids({ graph }: Module, timestep: Value, width: number): Value {
  const half = width / 2
  const frequencies = Float32Array.from({ length: half }, (_, index) => Math.exp((-Math.log(10000) * index) / half))
  const column = graph.reshape(timestep, [...timestep.shape, 1])
  const angles = graph.add('Mul', [column, graph.constant(frequencies)], {})
  return graph.add('Concat', [graph.add('Cos', [angles], {}), graph.add('Sin', [angles], {})], { axis: 1 })
}
