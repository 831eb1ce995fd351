import { LoomError } from '#core/errors.ts'
import { addDims, type Dim, divideExactly, floorDivide, multiplyDims, product, sameDim, sameShape } from './dim.ts'
import type { Attributes, Inputs, Op, TensorType, Value } from './ir.ts'

type Rule<O extends Op> = (inputs: Inputs<O>, attributes: Attributes<O>) => readonly TensorType[]

const unary = ([x]: readonly [Value]): readonly TensorType[] => [{ dtype: x.dtype, shape: x.shape }]

/** @param combine the op on two sizes */
const binary =
  (combine: (a: Dim, b: Dim) => Dim) =>
  ([a, b]: readonly [Value, Value]): readonly TensorType[] => {
    check(a.dtype === b.dtype, () => `${a.dtype} and ${b.dtype} do not mix`)
    return [{ dtype: a.dtype, shape: broadcast(a.shape, b.shape), sizes: combineSizes(a.sizes, b.sizes, combine) }]
  }

const channelNorm = ([x, scale, bias]: Inputs<'LayerNormalization'>, channels: Dim): readonly TensorType[] => {
  sameDtype(x, scale, bias)
  for (const vector of [scale, bias ?? scale]) expectShape(vector.shape, [channels], 'scale and bias')
  return [{ dtype: x.dtype, shape: x.shape }]
}

/** Group normalisation with the channels last. */
const nhwcNorm = (
  [x, scale, bias]: readonly [Value, Value, Value, ...Value[]],
  groups: number,
): readonly TensorType[] => {
  const [, , , channels] = rank(x, 4)
  check(Number(channels) % groups === 0, () => `${groups} groups do not divide ${channels} channels`)
  for (const vector of [scale, bias]) {
    expectShape(vector.shape, [channels], 'scale and bias')
    check(vector.dtype === 'float32', () => 'scale and bias have to be float32')
  }
  return [{ dtype: x.dtype, shape: x.shape }]
}

/** @param channelsAt the axis of the channels of x */
const conv = ([x, w, b]: Inputs<'Conv'>, attributes: Attributes<'Conv'>, channelsAt: 1 | 3): readonly TensorType[] => {
  const { kernel_shape, strides, pads, group } = attributes
  sameDtype(x, w, b)
  rank(x, 4)
  const batch = at(x.shape, 0)
  const channels = at(x.shape, channelsAt)
  const space = channelsAt === 1 ? x.shape.slice(2) : x.shape.slice(1, 3)
  const [out, inner, ...kernel] = rank(w, 4)
  expectShape([multiplyDims(inner, group), ...kernel], [channels, ...kernel_shape], 'weight')
  if (b) expectShape(b.shape, [out], 'bias')
  const resized = space.map((size, axis) => {
    const padding = at(pads, axis) + at(pads, axis + space.length)
    return addDims(floorDivide(addDims(size, padding - at(kernel_shape, axis)), at(strides, axis)), 1)
  })
  return [{ dtype: x.dtype, shape: channelsAt === 1 ? [batch, out, ...resized] : [batch, ...resized, out] }]
}

/** Attention whose inputs are packed, by heads. */
const packedAttention = ([query, key, value]: Inputs<'MultiHeadAttention'>, heads: number): readonly TensorType[] => {
  sameDtype(query, key, value)
  if (key && value) return attention([query, key, value], heads)
  const packed = key ?? query
  const [batch, tokens, count, parts, size] = packed.shape
  expectShape([count ?? 0, parts ?? 0], [heads, key ? 2 : 3], 'packed parts')
  const width = multiplyDims(size ?? 0, heads)
  if (!key) return [{ dtype: query.dtype, shape: [batch ?? 1, tokens ?? 1, width] }]
  expectShape([at(query.shape, 0), at(query.shape, 2)], [batch ?? 1, width], 'query')
  return [{ dtype: query.dtype, shape: query.shape }]
}

const attention = ([query, key, value]: readonly [Value, Value, Value], heads: number): readonly TensorType[] => {
  const [batch, , width] = rank(query, 3)
  const [, tokens, keyWidth] = rank(key, 3)
  expectShape(key.shape, [batch, tokens, width], 'key')
  expectShape(value.shape, [batch, tokens, keyWidth], 'value')
  check(typeof width === 'number' && width % heads === 0, () => `${heads} heads do not divide ${width} channels`)
  return [{ dtype: query.dtype, shape: query.shape }]
}

const reduced = ([x, axes]: readonly [Value, Value]): readonly TensorType[] => [
  { dtype: x.dtype, shape: sizesOf(axes).reduce((shape, axis) => shape.with(Number(axis), 1), x.shape) },
]

/** Shape and dtype of every op's outputs. */
const rules: { readonly [O in Op]: Rule<O> } = {
  Add: binary(addDims),
  Sub: binary((a, b) => addDims(a, multiplyDims(b, -1))),
  Mul: binary(multiplyDims),
  // int64 division; it rounds down because neither operand is negative
  Div: binary((a, b) => floorDivide(a, Number(b))),
  Sqrt: unary,
  Relu: unary,
  Tanh: unary,
  Sigmoid: unary,
  Sin: unary,
  Cos: unary,
  Clip: ([x]) => unary([x]),
  Gelu: unary,
  QuickGelu: unary,
  MicrosoftGelu: unary,
  Silu: unary,
  Softmax: ([x]) => unary([x]),
  Cast: ([x], { to }) => [{ dtype: to, shape: x.shape, sizes: to === 'int64' ? x.sizes : undefined }],
  MatMul: ([a, b]) => {
    sameDtype(a, b)
    expectShape([last(a)], [b.shape.at(-2) ?? 1], 'inner axis')
    const outer = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2))
    return [{ dtype: a.dtype, shape: [...outer, a.shape.at(-2) ?? 1, last(b)] }]
  },
  Gemm: ([a, b, c], { transB }) => {
    sameDtype(a, b, c)
    const [rows, inner] = rank(a, 2)
    const [first, second] = rank(b, 2)
    const [shared, columns] = transB ? [second, first] : [first, second]
    expectShape([inner], [shared], 'inner axis')
    if (c) expectShape(broadcast(c.shape, [rows, columns]), [rows, columns], 'c')
    return [{ dtype: a.dtype, shape: [rows, columns] }]
  },
  Linear: ([x, w, b]) => {
    sameDtype(x, w, b)
    const [out, inner] = rank(w, 2)
    expectShape([last(x)], [inner], 'inner axis')
    if (b) expectShape(b.shape, [out], 'bias')
    return [{ dtype: x.dtype, shape: [...x.shape.slice(0, -1), out] }]
  },
  Conv: (inputs, attributes) => conv(inputs, attributes, 1),
  NhwcConv: (inputs, attributes) => conv(inputs, attributes, 3),
  NhwcGroupNorm: (inputs, { groups }) => nhwcNorm(inputs, groups),
  SkipGroupNorm: ([x, scale, bias, skip], { groups }) => {
    sameDtype(x, skip)
    expectShape(broadcast(x.shape, skip.shape), x.shape, 'skip')
    const [type = x] = nhwcNorm([x, scale, bias], groups)
    return [type, type]
  },
  SkipLayerNormalization: ([x, skip, scale, bias]) => {
    sameDtype(x, skip)
    expectShape(skip.shape, x.shape, 'skip')
    const [type = x] = channelNorm([x, scale, bias], last(x))
    return [type, type]
  },
  BiasSplitGelu: ([x, bias]) => {
    sameDtype(x, bias)
    expectShape(bias.shape, [last(x)], 'bias')
    return [{ dtype: x.dtype, shape: [...x.shape.slice(0, -1), divideExactly(last(x), 2)] }]
  },
  LayerNormalization: (inputs) => channelNorm(inputs, last(inputs[0])),
  InstanceNormalization: (inputs) => channelNorm(inputs, at(inputs[0].shape, 1)),
  GroupNorm: (inputs, { groups }) => {
    const channels = at(inputs[0].shape, 1)
    check(
      typeof channels === 'number' && channels % groups === 0,
      () => `${groups} groups do not divide ${channels} channels`,
    )
    for (const vector of inputs.slice(1)) expectShape(vector.shape, [channels], 'scale and bias')
    return unary([inputs[0]])
  },
  Attention: (inputs, { heads }) => {
    sameDtype(...inputs)
    return attention(inputs, heads)
  },
  MultiHeadAttention: (inputs, { num_heads }) => packedAttention(inputs, num_heads),
  ReduceMean: reduced,
  ReduceSumSquare: reduced,
  Concat: (inputs, { axis }) => {
    const [first] = inputs
    if (!first) throw new LoomError('internal', 'Concat needs an input.')
    sameDtype(...inputs)
    for (const { shape } of inputs)
      expectShape(shape.with(axis, 0), first.shape.with(axis, 0), 'all but the joined axis')
    const joined = inputs.map(({ shape }) => at(shape, axis)).reduce(addDims)
    const parts = inputs.map(({ sizes }) => sizes)
    const sizes = parts.every((part) => part !== undefined) ? parts.flat() : undefined
    return [{ dtype: first.dtype, shape: first.shape.with(axis, joined), sizes }]
  },
  Split: ([x], { axis, num_outputs }) => {
    const part = divideExactly(at(x.shape, axis), num_outputs)
    return Array.from({ length: num_outputs }, () => ({ dtype: x.dtype, shape: x.shape.with(axis, part) }))
  },
  Slice: ([x, starts, ends, axes]) => {
    const begin = sizesOf(starts)
    const end = sizesOf(ends)
    const shape = [...x.shape]
    sizesOf(axes).forEach((axis, index) => {
      shape[Number(axis)] = addDims(at(end, index), multiplyDims(at(begin, index), -1))
    })
    return [{ dtype: x.dtype, shape }]
  },
  Pad: ([x, pads, , axes]) => {
    const amounts = sizesOf(pads)
    const shape = [...x.shape]
    sizesOf(axes).forEach((axis, index) => {
      const padding = addDims(at(amounts, index), at(amounts, index + amounts.length / 2))
      shape[Number(axis)] = addDims(at(x.shape, Number(axis)), padding)
    })
    return [{ dtype: x.dtype, shape }]
  },
  Transpose: ([x], { perm }) => {
    check(perm.length === x.shape.length, () => `perm ${perm} does not fit [${x.shape}]`)
    return [{ dtype: x.dtype, shape: perm.map((axis) => at(x.shape, axis)) }]
  },
  Reshape: ([x, shape]) => {
    // 0 copies the axis, -1 is inferred
    const target = sizesOf(shape).map((size, axis) => (size === 0 ? at(x.shape, axis) : size))
    const [from, to] = withoutCommon(
      x.shape,
      target.filter((size) => size !== -1),
    )
    if (!target.includes(-1)) expectShape([product(from)], [product(to)], 'element count')
    const rest = target.includes(-1) ? divideExactly(product(from), product(to)) : 1
    return [{ dtype: x.dtype, shape: target.map((size) => (size === -1 ? rest : size)), sizes: x.sizes }]
  },
  Expand: ([x, shape]) => [{ dtype: x.dtype, shape: broadcast(x.shape, sizesOf(shape)) }],
  Shape: ([x], { start, end }) => {
    const sizes = x.shape.slice(start, end)
    return [{ dtype: 'int64', shape: [sizes.length], sizes }]
  },
  Einsum: ([a, b], { equation }) => {
    const [terms = '', result = ''] = equation.split('->')
    const sizes = new Map<string, Dim>()
    terms.split(',').forEach((letters, index) => {
      const { shape } = index === 0 ? a : b
      for (const [axis, letter] of [...letters].entries()) {
        expectShape([at(shape, axis)], [sizes.get(letter) ?? at(shape, axis)], `axis ${letter}`)
        sizes.set(letter, at(shape, axis))
      }
    })
    return [{ dtype: a.dtype, shape: Array.from(result, (letter) => sizes.get(letter) ?? 1) }]
  },
  DepthToSpace: ([x], { blocksize }) => {
    const [batch, channels, ...space] = rank(x, 4)
    const spread = space.map((size) => multiplyDims(size, blocksize))
    return [{ dtype: x.dtype, shape: [batch, divideExactly(channels, blocksize ** 2), ...spread] }]
  },
  Gather: ([x, indices]) => {
    const sizes = x.sizes && indices.sizes?.map((index) => at(x.sizes ?? [], Number(index)))
    return [{ dtype: x.dtype, shape: [...indices.shape, ...x.shape.slice(1)], sizes }]
  },
  GatherND: ([x, indices], { batch_dims }) => {
    const depth = last(indices)
    const outer = indices.shape.slice(0, -1)
    return [{ dtype: x.dtype, shape: [...outer, ...x.shape.slice(batch_dims + Number(depth))] }]
  },
  Range: ([start, limit, delta]) => {
    const [from = 0, to = 0, by = 1] = [start, limit, delta].flatMap(sizesOf)
    check(from === 0 && by === 1, () => 'it has to count from 0 by 1')
    return [{ dtype: limit.dtype, shape: [to] }]
  },
  ArgMax: ([x], { axis }) => [{ dtype: 'int64', shape: x.shape.with(axis, 1) }],
  Resize: ([x, , scales, sizes]) => {
    if (sizes) return [{ dtype: x.dtype, shape: sizesOf(sizes) }]
    check(
      scales?.origin.kind === 'constant' && scales.origin.data instanceof Float32Array,
      () => 'scales must be constant',
    )
    const factors = scales.origin.data
    return [{ dtype: x.dtype, shape: x.shape.map((size, axis) => multiplyDims(size, factors[axis] ?? 1)) }]
  },
}

/** Types of an op's outputs for its inputs. Throws `internal`, with the op's name, if the inputs do not fit. */
export function infer<O extends Op>(op: O, inputs: Inputs<O>, attributes: Attributes<O>): readonly TensorType[] {
  try {
    return rules[op](inputs, attributes)
  } catch (cause) {
    const shapes = inputs.map((input) => (input ? `${input.dtype}[${input.shape.join(', ')}]` : '-')).join(', ')
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new LoomError('internal', `${op}(${shapes}) does not fit: ${reason}`, { cause })
  }
}

/** Numpy's broadcasting. A symbolic axis broadcasts only with itself or 1. */
function broadcast(a: readonly Dim[], b: readonly Dim[]): readonly Dim[] {
  const length = Math.max(a.length, b.length)
  return Array.from({ length }, (_, index) => {
    const left = a[index - length + a.length] ?? 1
    const right = b[index - length + b.length] ?? 1
    check(left === 1 || right === 1 || sameDim(left, right), () => `[${a}] and [${b}] do not broadcast`)
    return left === 1 ? right : left
  })
}

/** Combines two known size vectors of equal length element by element; a vector of one element is broadcast. */
function combineSizes(
  a: readonly Dim[] | undefined,
  b: readonly Dim[] | undefined,
  combine: (a: Dim, b: Dim) => Dim,
): readonly Dim[] | undefined {
  if (!a || !b) return undefined
  return Array.from({ length: Math.max(a.length, b.length) }, (_, index) =>
    combine(at(a, a.length === 1 ? 0 : index), at(b, b.length === 1 ? 0 : index)),
  )
}

/** Removes common axes from both lists, because a product that contains sums cannot be divided exactly otherwise. */
function withoutCommon(a: readonly Dim[], b: readonly Dim[]): [from: readonly Dim[], to: readonly Dim[]] {
  const from = [...a]
  const to = b.filter((size) => {
    const index = from.findIndex((other) => sameDim(size, other))
    if (index >= 0) from.splice(index, 1)
    return index < 0
  })
  return [from, to]
}

function sizesOf(value: Value): readonly Dim[] {
  check(value.sizes !== undefined, () => `${value.name} has to hold known sizes`)
  return value.sizes
}

function rank<N extends 2 | 3 | 4>({ name, shape }: Value, count: N) {
  check(shape.length === count, () => `${name} has rank ${shape.length}, not ${count}`)
  return shape as unknown as N extends 2 ? [Dim, Dim] : N extends 3 ? [Dim, Dim, Dim] : [Dim, Dim, Dim, Dim]
}

function expectShape(actual: readonly Dim[], expected: readonly Dim[], what: string): void {
  check(sameShape(actual, expected), () => `${what} is [${actual.join(', ')}], expected [${expected.join(', ')}]`)
}

function sameDtype(...values: readonly (Value | undefined)[]): void {
  const dtypes = new Set(values.flatMap((value) => (value ? [value.dtype] : [])))
  check(dtypes.size === 1, () => `${[...dtypes].join(' and ')} do not mix`)
}

function last({ shape }: Value): Dim {
  return at(shape, shape.length - 1)
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index]
  check(item !== undefined, () => `there is no axis ${index}`)
  return item
}

function check(condition: boolean, message: () => string): asserts condition {
  if (!condition) throw new LoomError('internal', message())
}
