import { LoomError } from '#core/errors.ts'
import { modelOf } from '../models/networks/model.ts'
import { Module } from '../models/networks/module.ts'
import type { NetworkWeights } from '../models/weights.ts'
import { Graph } from '../onnx/graph.ts'
import type { Value } from '../onnx/ir.ts'
import { chooseDevice } from '../runtime/devices.ts'
import { NetworkSession } from '../runtime/session.ts'

/**
 * A weight in float32 with all its changes. Works for every kind of adapter and keeps only one weight in memory.
 * @param name name in diffusers
 * @throws LoomError for an adapter that does not fit; `range` if the numbers are not finite
 */
export async function foldedWeight(weights: NetworkWeights, name: string): Promise<Float32Array> {
  const { shape } = weights.tensors.get(name) ?? lacks(name)
  const graph = new Graph()
  const end = name.lastIndexOf('.')
  const weight = new Module(graph, weights).at(name.slice(0, end)).weight(name.slice(end + 1), shape)
  return evaluated(graph, weight, name)
}

/** Computes a value of a graph without inputs in a temporary session. */
export async function evaluated(graph: Graph, value: Value, name: string): Promise<Float32Array> {
  graph.output('value', value)
  const session = await NetworkSession.create(name, modelOf(graph), chooseDevice('cpu'), { verify: false })
  try {
    return (await session.run({})).value?.data ?? lacks(name)
  } finally {
    await session.release()
  }
}

function lacks(name: string): never {
  throw new LoomError('internal', `There is no weight ${name}.`)
}
