import { InferenceSession, Tensor } from 'onnxruntime-node'
import { encode } from '../onnx/encode.ts'
import { Graph } from '../onnx/graph.ts'

let known: Promise<boolean> | undefined

/** Whether the adapter that WebGPU finds computes in half precision: a product of two numbers tells. Asked once. */
export function computesInHalf(): Promise<boolean> {
  known ??= probe().catch(() => false)
  return known
}

async function probe(): Promise<boolean> {
  const graph = new Graph()
  const x = graph.cast(graph.input('x', 'float32', [1]), 'float16')
  graph.output('y', graph.cast(graph.add('Add', [x, graph.add('Mul', [x, x], {})], {}), 'float32'))
  const session = await InferenceSession.create(encode(graph), {
    executionProviders: ['webgpu'],
    logSeverityLevel: 4,
    extra: { session: { disable_cpu_ep_fallback: '1' } },
  })
  try {
    const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(3), [1]) })
    return y?.data[0] === 12
  } finally {
    await session.release()
  }
}
