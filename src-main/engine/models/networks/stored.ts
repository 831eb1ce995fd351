import { LoomError } from '#core/errors.ts'
import type { Dtype } from '#core/formats/safetensors.ts'
import type { Graph } from '../../onnx/graph.ts'
import type { ElementType, Value } from '../../onnx/ir.ts'
import type { TensorRef } from '../weights.ts'

const elementTypes: Readonly<Partial<Record<Dtype, ElementType>>> = {
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  F8_E4M3: 'float8e4m3fn',
  F8_E5M2: 'float8e5m2',
}

/** Whether a network can use this dtype. */
export function isReadable(dtype: Dtype): boolean {
  return elementTypes[dtype] !== undefined
}

/**
 * A tensor in the dtype of its file, optionally reshaped.
 * @throws LoomError `unsupported` for a dtype that is no float
 */
export function asStored(graph: Graph, name: string, ref: TensorRef, shape = ref.shape): Value {
  const dtype = elementTypes[ref.dtype]
  if (!dtype) throw new LoomError('unsupported', `${ref.name} in ${ref.file} has the dtype ${ref.dtype}.`)
  return graph.weight(name, dtype, shape, ref)
}

/** A tensor in float32, transposed if the file has it transposed. */
export function stored(graph: Graph, name: string, ref: TensorRef, shape = ref.shape): Value {
  if (!ref.turned) return inFloat32(graph, asStored(graph, name, ref, shape))
  const value = inFloat32(graph, asStored(graph, name, ref, shape.toReversed()))
  return graph.add('Transpose', [value], { perm: [1, 0] })
}

export function inFloat32(graph: Graph, value: Value): Value {
  return value.dtype === 'float32' ? value : graph.add('Cast', [value], { to: 'float32' })
}

export function count(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}
