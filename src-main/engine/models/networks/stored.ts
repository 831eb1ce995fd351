import { LoomError } from '#core/errors.ts'
import { isNumeric, type NumberDtype, whyUnreadable } from '../../files/decode-numbers.ts'
import type { Graph } from '../../onnx/graph.ts'
import type { ElementType, Value } from '../../onnx/ir.ts'
import type { TensorRef } from '../weights.ts'

const elementTypes: Readonly<Record<NumberDtype, ElementType>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  F8_E4M3: 'float8e4m3fn',
  F8_E5M2: 'float8e5m2',
  F8_E4M3FNUZ: 'float8e4m3fnuz',
  F8_E5M2FNUZ: 'float8e5m2fnuz',
  I64: 'int64',
  U64: 'uint64',
  I32: 'int32',
  U32: 'uint32',
  I16: 'int16',
  U16: 'uint16',
  I8: 'int8',
  U8: 'uint8',
  BOOL: 'bool',
}

/**
 * A tensor in the dtype of its file, optionally reshaped.
 * @throws LoomError `unsupported` for a dtype whose elements are no numbers
 */
export function asStored(graph: Graph, name: string, ref: TensorRef, shape = ref.shape): Value {
  if (isNumeric(ref.dtype)) return graph.weight(name, elementTypes[ref.dtype], shape, ref)
  throw new LoomError('unsupported', `${ref.name} in ${ref.file} cannot be read: ${whyUnreadable(ref.dtype)}.`)
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
