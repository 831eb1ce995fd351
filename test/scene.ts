import type { FloatTensor } from '#engine/tensor/float-tensor.ts'

/** Deterministic numbers between two bounds, large shapes with some grain. Same as `scene` in test/oracles/taesd.py. */
export function scene(shape: readonly [number, number, number, number], low: number, high: number): FloatTensor {
  const [batch, channels, height, width] = shape
  const data = new Float32Array(batch * channels * height * width)
  for (let i = 0; i < data.length; i++) {
    const [plane, y, x] = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width]
    const form = Math.sin((7 * x) / width + 2 * plane) * Math.cos((5 * y) / height - plane)
    data[i] = low + (high - low) * (0.5 + 0.4 * form + 0.1 * Math.sin(i * 12.9898))
  }
  return { data, shape }
}
