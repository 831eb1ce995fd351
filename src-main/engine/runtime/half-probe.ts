import { encode } from '../onnx/encode.ts'
import { Graph } from '../onnx/graph.ts'
import { binding } from '../ort/open.ts'

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
  const session = await binding.createSession(encode(graph), {
    providers: [{ name: 'webgpu' }],
    optimisation: 'all',
    memoryPattern: false,
    config: { 'session.disable_cpu_ep_fallback': '1' },
  })
  try {
    const outputs = await session.run(new Map([['x', binding.tensor('float32', Float32Array.of(3), [1])]]))
    return outputs.get('y')?.data()[0] === 12
  } finally {
    await session.release()
  }
}
