import { create, toBinary } from '@bufbuild/protobuf'
import { AttributeProto_AttributeType, ModelProtoSchema, TensorProto_DataType } from '#engine/onnx/generated/onnx_pb.js'

const scalar = (name: string, elemType: TensorProto_DataType) => ({
  name,
  type: { value: { case: 'tensorType' as const, value: { elemType, shape: { dim: [] } } } },
})

/** A model that doubles its input for as long as it is let: a run ends by being stopped, on any machine. */
export function endlessModel(): Uint8Array {
  const { BOOL, FLOAT, INT64 } = TensorProto_DataType
  const body = {
    name: 'body',
    input: [scalar('trip', INT64), scalar('going', BOOL), scalar('before', FLOAT)],
    output: [scalar('goes', BOOL), scalar('after', FLOAT)],
    node: [
      { opType: 'Identity', input: ['going'], output: ['goes'] },
      { opType: 'Add', input: ['before', 'before'], output: ['after'] },
    ],
  }
  const model = create(ModelProtoSchema, {
    irVersion: 10n,
    opsetImport: [{ domain: '', version: 20n }],
    graph: {
      name: 'endless',
      input: [scalar('x', FLOAT)],
      output: [scalar('y', FLOAT)],
      initializer: [{ name: 'always', dataType: BOOL, int32Data: [1] }],
      node: [
        {
          opType: 'Loop',
          input: ['', 'always', 'x'],
          output: ['y'],
          attribute: [{ name: 'body', type: AttributeProto_AttributeType.GRAPH, g: body }],
        },
      ],
    },
  })
  return toBinary(ModelProtoSchema, model)
}
