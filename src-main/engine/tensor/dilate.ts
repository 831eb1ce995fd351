import type { FloatTensor } from './float-tensor.ts'

/**
 * Replaces each value of every plane by the largest within a disc of `radius` pixels. Ignores pixels beyond the edges.
 */
export function dilate({ data, shape }: FloatTensor, radius: number): FloatTensor {
  const [, , height = 0, width = 0] = shape
  const result = Float32Array.from(data)
  for (let row = 0; row < data.length / width; row++) {
    const line = data.subarray(row * width, (row + 1) * width)
    if (line.every((value) => value === 0)) continue
    const y = row % height
    const largest = spans(line, radius)
    for (let away = 0; away <= radius; away++) {
      const reach = Math.floor(Math.sqrt(radius * radius - away * away))
      if (y - away >= 0) raise(result, (row - away) * width, width, largest(reach))
      if (away > 0 && y + away < height) raise(result, (row + away) * width, width, largest(reach))
    }
  }
  return { data: result, shape }
}

/** Two lines. Their element-wise maximum is the largest value within a reach to both sides. */
type Pair = readonly [Float32Array, Float32Array]

/**
 * The sliding maximum for any reach up to `radius`: two spans of a power of two cover each; doubling computes the
 * spans.
 */
function spans(line: Float32Array, radius: number): (reach: number) => Pair {
  let span = new Float32Array(line.length + 2 * radius)
  span.set(line, radius)
  const doubled = [span]
  for (let length = 1; 2 * length <= 2 * radius + 1; length *= 2) {
    const shorter = span
    span = shorter.map((value, x) => Math.max(value, shorter[x + length] ?? 0))
    doubled.push(span)
  }
  return (reach) => {
    const power = Math.floor(Math.log2(2 * reach + 1))
    const from = doubled[power] ?? span
    return [from.subarray(radius - reach), from.subarray(radius + reach + 1 - 2 ** power)]
  }
}

function raise(data: Float32Array, start: number, width: number, [left, right]: Pair): void {
  for (let x = 0; x < width; x++) {
    data[start + x] = Math.max(data[start + x] ?? 0, left[x] ?? 0, right[x] ?? 0)
  }
}
