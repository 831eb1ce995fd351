import { create, toBinary } from '@bufbuild/protobuf'
import { LoomError } from '#core/errors.ts'
import { evaluateDim } from './dim.ts'
import { externalLocation } from './external.ts'
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProto_DataType,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from './generated/onnx_pb.js'
import type { Graph } from './graph.ts'
import {
  type ConstantData,
  type ElementType,
  type ExternalTensor,
  type Node,
  onnxName,
  operands,
  ops,
  type Value,
} from './ir.ts'
import { placesOf } from './places.ts'

const irVersion = 10n
const opset = 20n

const dataTypes: Readonly<Record<ElementType, TensorProto_DataType>> = {
  float64: TensorProto_DataType.DOUBLE,
  float32: TensorProto_DataType.FLOAT,
  float16: TensorProto_DataType.FLOAT16,
  bfloat16: TensorProto_DataType.BFLOAT16,
  float8e4m3fn: TensorProto_DataType.FLOAT8E4M3FN,
  float8e5m2: TensorProto_DataType.FLOAT8E5M2,
  float8e4m3fnuz: TensorProto_DataType.FLOAT8E4M3FNUZ,
  float8e5m2fnuz: TensorProto_DataType.FLOAT8E5M2FNUZ,
  uint64: TensorProto_DataType.UINT64,
  uint32: TensorProto_DataType.UINT32,
  uint16: TensorProto_DataType.UINT16,
  uint8: TensorProto_DataType.UINT8,
  int64: TensorProto_DataType.INT64,
  int32: TensorProto_DataType.INT32,
  int16: TensorProto_DataType.INT16,
  int8: TensorProto_DataType.INT8,
  bool: TensorProto_DataType.BOOL,
}

/** Sizes for the symbols of a graph's shapes. */
export type Sizes = Readonly<Record<string, number>>

interface Encoding {
  /** The model takes these sizes alone. */
  readonly sizes?: Sizes | undefined
  /**
   * States the shape of every value. ONNX Runtime cannot infer most of them, and lets no value of an unknown shape take
   * over memory.
   */
  readonly shapes?: boolean
}

/**
 * The graph as an ONNX model (protobuf, https://onnx.ai/onnx/repo-docs/IR.html). Weights stay in their files, as
 * external data relative to the file system's root. Throws `internal` if the graph still has a composite op.
 */
export function encode(graph: Graph, { sizes, shapes = false }: Encoding = {}): Uint8Array {
  // an output that is also an input, a weight or another output needs an Identity node
  const names = new Map<Value, string>()
  const identities: NodeProto[] = []
  for (const { name, value } of graph.outputs) {
    if (value.origin.kind === 'node' && !names.has(value)) names.set(value, name)
    else identities.push(create(NodeProtoSchema, { opType: 'Identity', input: [value.name], output: [name] }))
  }
  const nameOf = (value: Value) => names.get(value) ?? value.name
  const places = placesOf(graph)
  const used = new Set(graph.nodes.flatMap((node) => operands(node)))
  for (const { value } of graph.outputs) used.add(value)
  const leaves = [...used].filter((value) => value !== undefined)
  const inner = graph.nodes.flatMap(({ outputs }) => outputs).filter((value) => !names.has(value))
  const model = create(ModelProtoSchema, {
    irVersion,
    producerName: 'latent-loom',
    opsetImport: [
      { domain: '', version: opset },
      { domain: 'com.microsoft', version: 1n },
    ],
    graph: create(GraphProtoSchema, {
      name: 'network',
      node: [...graph.nodes.map((node) => encodeNode(node, places.get(node) ?? '', nameOf)), ...identities],
      initializer: leaves.map(encodeInitializer).filter((tensor) => tensor !== undefined),
      input: graph.inputs.map((value) => encodeType(value.name, value, sizes)),
      output: graph.outputs.map(({ name, value }) => encodeType(name, value, sizes)),
      valueInfo: shapes ? inner.map((value) => encodeType(value.name, value, sizes)) : [],
    }),
  })
  return toBinary(ModelProtoSchema, model)
}

/** @param place which an error or a profile of ONNX Runtime names: `down_blocks.0.resnets.0.conv1/Conv:12` */
function encodeNode(node: Node, place: string, nameOf: (value: Value) => string): NodeProto {
  const { domain, attributes } = ops[node.op]
  const { type, outputs } = onnxName(node.op)
  if (domain === 'loom') throw new LoomError('internal', `The composite op ${node.op} was not lowered.`)
  const values: Readonly<Record<string, unknown>> = node.attributes
  return create(NodeProtoSchema, {
    name: [place, node.outputs[0]?.name].filter(Boolean).join('/'),
    opType: type,
    domain,
    input: inputNames(node, nameOf),
    output: outputs ? placed(node.outputs.map(nameOf), outputs) : node.outputs.map(nameOf),
    attribute: Object.entries(attributes).map(([name, kind]) => attributeEncoders[kind](name, values[name])),
  })
}

/** Names at their places, with empty names between. */
function placed(names: readonly string[], places: readonly number[]): string[] {
  const all = new Array<string>(1 + Math.max(...places)).fill('')
  for (const [index, place] of places.entries()) all[place] = names[index] ?? ''
  return all
}

/** Leaves out absent inputs at the end, because ONNX Runtime's optimisers crash at an empty name there. */
function inputNames(node: Node, nameOf: (value: Value) => string): string[] {
  const inputs = operands(node)
  const count = inputs.findLastIndex((input) => input !== undefined) + 1
  return inputs.slice(0, count).map((input) => (input ? nameOf(input) : ''))
}

type Encoder = (name: string, value: unknown) => AttributeProto

const int: Encoder = (name, value) =>
  create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i: BigInt(Number(value)) })

const attributeEncoders: Readonly<Record<'int' | 'float' | 'ints' | 'string' | 'dtype', Encoder>> = {
  int,
  float: (name, value) =>
    create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.FLOAT, f: Number(value) }),
  ints: (name, value) =>
    create(AttributeProtoSchema, {
      name,
      type: AttributeProto_AttributeType.INTS,
      ints: (value as readonly number[]).map(BigInt),
    }),
  string: (name, value) =>
    create(AttributeProtoSchema, {
      name,
      type: AttributeProto_AttributeType.STRING,
      s: new TextEncoder().encode(String(value)),
    }),
  dtype: (name, value) => int(name, dataTypes[value as ElementType]),
}

function encodeInitializer({ name, dtype, shape, origin }: Value): TensorProto | undefined {
  if (origin.kind !== 'weight' && origin.kind !== 'constant') return undefined
  const contents = origin.kind === 'weight' ? externalData(origin.external) : { rawData: littleEndian(origin.data) }
  return create(TensorProtoSchema, {
    name,
    dataType: dataTypes[dtype],
    dims: shape.map((size) => BigInt(Number(size))),
    ...contents,
  })
}

function externalData({ file, offset, byteLength }: ExternalTensor) {
  return {
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: [
      { key: 'location', value: externalLocation(file) },
      { key: 'offset', value: String(offset) },
      { key: 'length', value: String(byteLength) },
    ],
  }
}

/** The bytes as they are: ONNX raw data is little endian, like every processor that ONNX Runtime supports. */
function littleEndian({ buffer, byteOffset, byteLength }: ConstantData): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

function encodeType(name: string, { dtype, shape }: Value, sizes: Sizes | undefined): ValueInfoProto {
  const dim = shape.map((size) => ({
    value:
      sizes || typeof size === 'number'
        ? { case: 'dimValue' as const, value: BigInt(evaluateDim(size, sizes ?? {})) }
        : { case: 'dimParam' as const, value: size.text },
  }))
  const tensorType = { elemType: dataTypes[dtype], shape: { dim } }
  return create(ValueInfoProtoSchema, { name, type: { value: { case: 'tensorType', value: tensorType } } })
}
