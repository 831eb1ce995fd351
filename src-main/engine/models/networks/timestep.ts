import type { Value } from '../../onnx/ir.ts'
import type { UnetConfig } from '../config.ts'
import { linear } from './layers.ts'
import type { Module } from './module.ts'

interface TimeInputs {
  /** `[batch]` */
  readonly timestep: Value
  /** `[batch, vectorWidth]` */
  readonly vector: Value | undefined
  /** `[batch, guidanceWidth]` */
  readonly guidance: Value | undefined
}

/**
 * The timestep embedding for all residual blocks, `[batch, 4 * channels]`: sinusoids through two linear layers. SDXL
 * adds its vector through two more (arXiv 2307.01952, section 2.2). Includes the SiLU at the start of residual blocks.
 */
export function timeEmbedding(unet: Module, config: UnetConfig, { timestep, vector, guidance }: TimeInputs): Value {
  const { graph } = unet
  const width = 4 * config.channels
  const mlp = (module: Module, x: Value) => {
    const hidden = graph.add('Silu', [linear(module.at('linear_1'), x, width)], {})
    return linear(module.at('linear_2'), hidden, width)
  }
  const module = unet.at('time_embedding')
  const time = mlp(module, withGuidance(module, sinusoids(module, timestep, config.channels), guidance))
  const sum = vector ? graph.add('Add', [time, mlp(unet.at('add_embedding'), vector)], {}) : time
  return graph.add('Silu', [sum], {})
}

/** A full LCM adds its projected guidance embedding to the sinusoids (arXiv 2310.04378, section 4.2). */
function withGuidance(module: Module, x: Value, guidance: Value | undefined): Value {
  if (!guidance) return x
  return module.graph.add('Add', [x, linear(module.at('cond_proj'), guidance, Number(x.shape[1]))], {})
}

/** Cosines, then sines, of the timestep at frequencies from 1 down to 1/10000 (exclusive). */
function sinusoids({ graph }: Module, timestep: Value, width: number): Value {
  const half = width / 2
  const frequencies = Float32Array.from({ length: half }, (_, index) => Math.exp((-Math.log(10000) * index) / half))
  const column = graph.reshape(timestep, [...timestep.shape, 1])
  const angles = graph.add('Mul', [column, graph.constant(frequencies)], {})
  return graph.add('Concat', [graph.add('Cos', [angles], {}), graph.add('Sin', [angles], {})], { axis: 1 })
}
