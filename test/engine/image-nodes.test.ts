import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type { Plan } from '#core/plan/plan.ts'
import type { Step } from '#core/plan/step.ts'
import { factsOf } from '#core/types/facts.ts'
import type { Type } from '#core/types/types.ts'
import { narrowed } from '#core/workflow/constant.ts'
import type { Constant, Lowered, NodeType } from '#core/workflow/node-type.ts'
import type { FloatTensor } from '#engine/tensor/float-tensor.ts'
import { catalogue } from '#nodes/catalogue.ts'
import { PlanRunner } from '../run-plan.ts'

/** A constant, a picture of the run, or the output of a node: `[type, inputs, output]`. */
type Value = Constant | Picture | Made
interface Picture {
  readonly name: string
}
type Made = readonly [type: string, inputs: Readonly<Record<string, Value>>, output: string]
type Pictures = Readonly<Record<string, FloatTensor>>

const facts = factsOf(new Map())

function nodeOf(type: string): NodeType {
  const node = catalogue.get(type)
  if (!node) throw new Error(`There is no node ${type}.`)
  return node
}

/** Lowers nodes as a workflow with their defaults would. */
function lowered(plan: Plan, value: Value): Lowered | undefined {
  if (typeof value !== 'object') return value
  if ('name' in value) return plan.step('load-image', {}, { file: value.name })
  const [type, inputs, output] = value
  const node = nodeOf(type)
  const given = Object.entries(node.inputs).flatMap(([name, port]) => {
    const of = inputs[name] ?? port.default
    return of === undefined ? [] : [[name, lowered(plan, of)] as const]
  })
  return node.lower(plan, Object.fromEntries(given), {}, String)[output]
}

/** What a node gives through the engine's own rules, before it is rounded to 8 bits; a mask as its one plane. */
async function run(node: Made, pictures: Pictures = {}): Promise<FloatTensor> {
  const runner = new PlanRunner([], new Map(Object.entries(pictures)))
  const { images } = await runner.run((plan) => {
    const made = lowered(plan, node)
    const image =
      node[2] === 'mask' ? plan.step('mask-to-image', { mask: made as Step<'mask'> }, {}) : (made as Step<'image'>)
    plan.step('save-image', { image }, { prefix: 'x' })
  })
  const [image] = images
  if (!image) throw new Error('Nothing was saved.')
  if (node[2] !== 'mask') return image
  const [batch = 0, , height = 0, width = 0] = image.shape
  const size = height * width
  const planes = Array.from({ length: batch }, (_, i) => [...image.data.subarray(3 * i * size, (3 * i + 1) * size)])
  return { data: Float32Array.from(planes.flat()), shape: [batch, 1, height, width] }
}

const failure = async (made: Made, pictures: Pictures): Promise<unknown> =>
  run(made, pictures).then(
    () => undefined,
    (error) => error,
  )

const picture = (name: string): Picture => ({ name })

/** A picture whose red is what is given, row by row; green is half of it and blue a quarter. */
function image(width: number, values: readonly number[]): FloatTensor {
  const planes = [1, 0.5, 0.25].map((share) => values.map((value) => value * share))
  return { data: Float32Array.from(planes.flat()), shape: [1, 3, values.length / width, width] }
}

function batch(...pictures: readonly FloatTensor[]): FloatTensor {
  const [first] = pictures
  if (!first) throw new Error('An empty batch.')
  const data = Float32Array.from(pictures.flatMap(({ data }) => [...data]))
  return { data, shape: first.shape.with(0, pictures.length) }
}

const plain = (width: number, height: number, value = 0.5) => image(width, Array(width * height).fill(value))

/** The red plane of one picture, rounded to what float32 holds. */
const red = ({ data, shape }: FloatTensor, index = 0): number[] => {
  const size = (shape[2] ?? 0) * (shape[3] ?? 0)
  const start = index * size * (shape[1] ?? 1)
  return [...data.subarray(start, start + size)].map((value) => Math.round(value * 1e6) / 1e6)
}

const sizeOf = ({ shape }: FloatTensor): number[] => [shape[3] ?? 0, shape[2] ?? 0]

/** A picture of any small size, of multiples of 1/256, which float32 adds up exactly. */
const anyPicture = fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 })).chain(([width, height]) =>
  fc.array(fc.integer({ min: 0, max: 256 }), { minLength: width * height, maxLength: width * height }).map((values) =>
    image(
      width,
      values.map((value) => value / 256),
    ),
  ),
)

describe('Scale Image', () => {
  const wide = plain(12, 6)
  const scaled = (inputs: Record<string, Value>) =>
    run(['scale-image', { image: picture('a'), ...inputs }, 'image'], { a: wide })

  it.each([
    ['stretches', { width: 5, height: 9, proportions: 'stretch' }, [5, 9]],
    ['crops to fit', { width: 5, height: 9, proportions: 'crop' }, [5, 9]],
    ['fits inside', { width: 8, height: 8, proportions: 'fit' }, [8, 4]],
    ['lets the height follow', { width: 4, height: 0 }, [4, 2]],
    ['lets the width follow', { width: 0, height: 24 }, [48, 24]],
    ['stays without a size', { width: 0, height: 0 }, [12, 6]],
    ['never vanishes', { width: 1, height: 0 }, [1, 1]],
  ])('%s', async (_, inputs, size) => {
    expect(sizeOf(await scaled(inputs))).toEqual(size)
  })

  it('cuts what sticks out evenly, before it scales', async () => {
    const strip = image(6, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    const square = [
      'scale-image',
      { image: picture('a'), width: 4, height: 4, proportions: 'crop', method: 'nearest' },
      'image',
    ] as const
    expect(red(await run(square, { a: strip })).slice(0, 4)).toEqual([0.3, 0.3, 0.4, 0.4])
  })

  it('keeps what overshoots between 0 and 1', async () => {
    const edge = image(6, [0, 0, 0, 1, 1, 1])
    const { data } = await run(
      ['scale-image', { image: picture('a'), width: 24, height: 1, proportions: 'stretch' }, 'image'],
      { a: edge },
    )
    expect(Math.min(...data)).toBe(0)
    expect(Math.max(...data)).toBe(1)
  })

  it.each([
    ['factor', 1.5, [18, 9]],
    ['factor', 0.01, [1, 1]],
    ['megapixels', 72 / 4 / 1024 ** 2, [6, 3]],
  ])('by %s %d', async (measure, amount, size) => {
    const by: Made = ['scale-image-by', { image: picture('a'), measure, amount, method: 'area' }, 'image']
    expect(sizeOf(await run(by, { a: wide }))).toEqual(size)
  })
})

describe('Crop Image and Pad Image', () => {
  it('cuts the rectangle', async () => {
    const a = image(
      4,
      Array.from({ length: 12 }, (_, i) => i / 16),
    )
    const crop = await run(['crop-image', { image: picture('a'), x: 1, y: 1, width: 2, height: 2 }, 'image'], { a })
    expect(red(crop)).toEqual([5 / 16, 6 / 16, 9 / 16, 10 / 16])
  })

  it('refuses a rectangle that ends outside, if only the run knows the size', async () => {
    const error = await failure(['crop-image', { image: picture('a'), x: 3, width: 2, height: 1 }, 'image'], {
      a: plain(4, 3),
    })
    expect(error).toMatchObject({
      code: 'range',
      input: 'width',
      message: expect.stringContaining('picture, whose width is 4'),
    })
  })

  it('stands in grey, or in the colours of the edge', async () => {
    const padded = (fill: string) =>
      run(['pad-image', { image: picture('a'), left: 1, bottom: 1, fill }, 'image'], { a: image(2, [0.25, 0.75]) })
    expect(red(await padded('grey'))).toEqual([0.5, 0.25, 0.75, 0.5, 0.5, 0.5])
    expect(red(await padded('edge'))).toEqual([0.25, 0.25, 0.75, 0.25, 0.25, 0.75])
  })

  it('masks what was added, and fades into the picture from there alone', async () => {
    const inputs = { image: picture('a'), left: 1, feather: 2 }
    const mask = await run(['pad-image', inputs, 'mask'], { a: plain(4, 2) })
    expect(sizeOf(mask)).toEqual([5, 2])
    expect(red(mask)).toEqual([1, 1, 0.25, 0, 0, 1, 1, 0.25, 0, 0])
    const hard = await run(['pad-image', { ...inputs, top: 1, feather: 0 }, 'mask'], { a: plain(2, 1) })
    expect(red(hard)).toEqual([1, 1, 1, 1, 0, 0])
  })

  test('cropping what was padded gives the picture back', async () => {
    const side = fc.integer({ min: 0, max: 5 })
    await fc.assert(
      fc.asyncProperty(anyPicture, side, side, side, side, async (a, left, top, right, bottom) => {
        const padded: Made = ['pad-image', { image: picture('a'), left, top, right, bottom, fill: 'edge' }, 'image']
        const [width = 0, height = 0] = sizeOf(a)
        const back = await run(['crop-image', { image: padded, x: left, y: top, width, height }, 'image'], { a })
        expect(back).toEqual(a)
      }),
      { numRuns: 30 },
    )
  })
})

describe('Composite Images', () => {
  const a = image(3, [0, 0.25, 0.5, 0.75, 1, 0.5])
  const b = image(2, [0.125, 1])
  const laid = (inputs: Record<string, Value>, pictures: Pictures = {}) =>
    run(['composite-images', { background: picture('a'), layer: picture('b'), ...inputs }, 'image'], {
      a,
      b,
      ...pictures,
    })

  it('lies where it is put, and what sticks out is cut', async () => {
    expect(red(await laid({ x: 1, y: 1 }))).toEqual([0, 0.25, 0.5, 0.75, 0.125, 1])
    expect(red(await laid({ x: 2 }))).toEqual([0, 0.25, 0.125, 0.75, 1, 0.5])
    expect(red(await laid({ x: -1, y: 1 }))).toEqual([0, 0.25, 0.5, 1, 1, 0.5])
    expect(await laid({ x: 9 })).toEqual(a)
  })

  it('is exactly the layer where the mask is 1, and exactly what is below where it is 0', async () => {
    const random = (salt: number) =>
      image(
        5,
        Array.from({ length: 15 }, (_, i) => Math.abs(Math.sin(i * 12.9 + salt))),
      )
    const pictures = {
      a: random(1),
      b: random(2),
      m: image(
        5,
        Array.from({ length: 15 }, (_, i) => i % 2),
      ),
    }
    const mask: Made = ['image-to-mask', { image: picture('m'), channel: 'red' }, 'mask']
    const { data } = await laid({ mask }, pictures)
    for (const [i, value] of data.entries()) expect(value).toBe((i % 15) % 2 ? pictures.b.data[i] : pictures.a.data[i])
  })

  it('mixes by mask and opacity, with the mask stretched to the layer', async () => {
    const mask: Made = ['solid-mask', { value: 0.5, width: 7, height: 3 }, 'mask']
    expect(red(await laid({ mask, opacity: 0.5 })).slice(0, 2)).toEqual([0.03125, 0.4375])
  })

  // by hand: below 0.25 and 0.75, layer 0.2 and 0.6
  it.each([
    ['normal', [0.2, 0.6, 0.2, 0.6]],
    ['multiply', [0.05, 0.15, 0.15, 0.45]],
    ['screen', [0.4, 0.7, 0.8, 0.9]],
    ['overlay', [0.1, 0.3, 0.6, 0.8]],
    [
      'soft-light',
      [0.25 - 0.6 * 0.1875, 0.25 + 0.2 * 0.25, 0.75 - 0.6 * 0.1875, 0.75 + 0.2 * (Math.sqrt(0.75) - 0.75)],
    ],
    ['difference', [0.05, 0.35, 0.55, 0.15]],
  ])('%s', async (mode, expected) => {
    const below = image(4, [0.25, 0.25, 0.75, 0.75])
    const result = red(await laid({ mode }, { a: below, b: image(4, [0.2, 0.6, 0.2, 0.6]) }))
    for (const [i, value] of expected.entries()) expect(result[i]).toBeCloseTo(value, 5)
  })

  it('gives a single picture to every one of a batch, on either side', async () => {
    const two = batch(a, plain(3, 2, 0))
    const onTwo = await laid({}, { a: two })
    expect([red(onTwo), red(onTwo, 1)]).toEqual([
      [0.125, 1, 0.5, 0.75, 1, 0.5],
      [0.125, 1, 0, 0, 0, 0],
    ])
    const twoLayers = await laid({}, { b: batch(b, plain(2, 1, 0)) })
    expect([red(twoLayers), red(twoLayers, 1)]).toEqual([
      [0.125, 1, 0.5, 0.75, 1, 0.5],
      [0, 0, 0.5, 0.75, 1, 0.5],
    ])
  })

  it('refuses batches that do not go together', async () => {
    const error = await failure(['composite-images', { background: picture('a'), layer: picture('b') }, 'image'], {
      a: batch(a, a, a),
      b: batch(b, b),
    })
    expect(error).toMatchObject({
      code: 'mismatch',
      input: 'layer',
      message: '2 pictures come as layer and 3 beside them.',
    })
  })
})

describe('colours', () => {
  test('inverting twice gives the picture back', async () => {
    const once: Made = ['invert-image', { image: picture('a') }, 'image']
    await fc.assert(
      fc.asyncProperty(anyPicture, async (a) => {
        expect(await run(['invert-image', { image: once }, 'image'], { a })).toEqual(a)
      }),
      { numRuns: 20 },
    )
    expect(red(await run(once, { a: image(2, [0.25, 1]) }))).toEqual([0.75, 0])
  })

  test('sharpening adds what blurring takes away', async () => {
    const a = image(5, [0.4, 0.4, 0.6, 0.6, 0.6])
    const soft = red(await run(['blur-image', { image: picture('a'), radius: 1 }, 'image'], { a }))
    const sharp = red(await run(['sharpen-image', { image: picture('a'), radius: 1, amount: 0.5 }, 'image'], { a }))
    expect(soft[1]).toBeGreaterThan(0.4)
    for (const [i, value] of red(a).entries()) expect(sharp[i]).toBeCloseTo(value + 0.5 * (value - (soft[i] ?? 0)), 5)
  })

  test('sharpening stays between 0 and 1', async () => {
    const { data } = await run(['sharpen-image', { image: picture('a'), amount: 5 }, 'image'], {
      a: image(4, [0, 0, 1, 1]),
    })
    expect([Math.min(...data), Math.max(...data)]).toEqual([0, 1])
  })
})

describe('batches', () => {
  const [a, b] = [image(2, [0, 0.25]), image(2, [0.5, 0.75])]
  const both: Made = ['batch-images', { first: picture('a'), second: picture('b') }, 'image']

  test('are joined in order and picked from by number', async () => {
    const whole = await run(both, { a, b })
    expect([whole.shape, red(whole), red(whole, 1)]).toEqual([
      [2, 3, 1, 2],
      [0, 0.25],
      [0.5, 0.75],
    ])
    expect(await run(['pick-image', { image: both, first: 2 }, 'image'], { a, b })).toEqual(b)
  })

  test('are edited picture by picture', async () => {
    const cropped: Made = ['crop-image', { image: both, x: 1, width: 1, height: 1 }, 'image']
    const result = await run(['invert-image', { image: cropped }, 'image'], { a, b })
    expect([red(result), red(result, 1)]).toEqual([[0.75], [0.25]])
  })

  test('of two sizes are refused, and so is a picture that is not there', async () => {
    expect(await failure(both, { a, b: plain(2, 2) })).toMatchObject({ code: 'mismatch', input: 'second' })
    expect(await failure(['pick-image', { image: both, first: 2, count: 2 }, 'image'], { a, b })).toMatchObject({
      code: 'range',
      input: 'first',
      message: 'The batch ends at picture 2; pictures 2 to 3 cannot be picked.',
    })
  })
})

describe('masks', () => {
  const taken = (channel: string): Made => ['image-to-mask', { image: picture('a'), channel }, 'mask']

  test('are taken from a channel or from the brightness', async () => {
    const a = image(2, [0.5, 1])
    expect(red(await run(taken('red'), { a }))).toEqual([0.5, 1])
    expect(red(await run(taken('blue'), { a }))).toEqual([0.125, 0.25])
    const luma = 0.2126 + 0.7152 * 0.5 + 0.0722 * 0.25
    expect((await run(taken('brightness'), { a })).data[1]).toBeCloseTo(luma, 6)
  })

  test('become grey pictures, and masks again', async () => {
    const grey: Made = ['mask-to-image', { mask: taken('red') }, 'image']
    const { data, shape } = await run(grey, { a: image(2, [0.25, 1]) })
    expect([[...data], shape]).toEqual([
      [0.25, 1, 0.25, 1, 0.25, 1],
      [1, 3, 1, 2],
    ])
    expect(red(await run(['image-to-mask', { image: grey }, 'mask'], { a: image(2, [0.25, 1]) }))).toEqual([0.25, 1])
  })

  test('inverting twice gives the mask back', async () => {
    const twice: Made = ['invert-mask', { mask: ['invert-mask', { mask: taken('red') }, 'mask'] }, 'mask']
    await fc.assert(
      fc.asyncProperty(anyPicture, async (a) => {
        expect(await run(twice, { a })).toEqual(await run(taken('red'), { a }))
      }),
      { numRuns: 20 },
    )
  })

  test('grow to a disc and shrink back, and stay where nothing is asked', async () => {
    const point = plain(5, 5, 0)
    point.data[12] = 0.75
    const refined = (inputs: Record<string, Value>, mask: Made = taken('red')): Made => [
      'refine-mask',
      { mask, ...inputs },
      'mask',
    ]
    const cross = red(await run(refined({ grow: 1 }), { a: point }))
    expect(cross.flatMap((value, i) => (value === 0.75 ? [i] : []))).toEqual([7, 11, 12, 13, 17])
    const disc = red(await run(refined({ grow: 2, threshold: 0.75 }), { a: point }))
    expect(disc.flatMap((value, i) => (value === 1 ? [i] : []))).toEqual([
      2, 6, 7, 8, 10, 11, 12, 13, 14, 16, 17, 18, 22,
    ])
    expect(red(await run(refined({ grow: -2 }, refined({ grow: 2 })), { a: point }))).toEqual(red(point))
    expect(red(await run(refined({}), { a: point }))).toEqual(red(point))
    expect(red(await run(refined({ threshold: 0.76 }), { a: point }))).toEqual(Array(25).fill(0))
  })

  test('grow as a search through every neighbour does', async () => {
    await fc.assert(
      fc.asyncProperty(anyPicture, fc.integer({ min: 1, max: 9 }), async (a, grow) => {
        const [width = 0] = sizeOf(a)
        const before = red(a)
        const after = red(await run(['refine-mask', { mask: taken('red'), grow }, 'mask'], { a }))
        const near = (i: number, j: number) =>
          ((i % width) - (j % width)) ** 2 + (Math.floor(i / width) - Math.floor(j / width)) ** 2 <= grow ** 2
        const expected = before.map((_, i) => Math.max(...before.filter((_, j) => near(i, j))))
        expect(after).toEqual(expected)
      }),
      { numRuns: 40 },
    )
  })

  test.each([
    ['or', [0.5, 0.75, 1, 1]],
    ['and', [0, 0.25, 0.5, 1]],
    ['xor', [0.5, 0.5, 0.5, 0]],
    ['add', [0.5, 1, 1, 1]],
    ['subtract', [0, 0, 0.5, 0]],
    ['multiply', [0, 0.1875, 0.5, 1]],
  ])('are combined by %s', async (how, expected) => {
    const second: Made = ['image-to-mask', { image: picture('b'), channel: 'red' }, 'mask']
    const pictures = { a: image(4, [0, 0.25, 1, 1]), b: image(4, [0.5, 0.75, 0.5, 1]) }
    expect(red(await run(['combine-masks', { first: taken('red'), second, how }, 'mask'], pictures))).toEqual(expected)
  })
})

describe('what is known before the run', () => {
  const constants = (
    type: string,
    inputs: Record<string, Value>,
    size: [number, number],
  ): Record<string, Type | undefined> =>
    Object.fromEntries(
      Object.entries(nodeOf(type).inputs).map(([name, port]) => {
        const value = inputs[name] ?? port.default
        if (port.type.kind === 'image') return [name, { kind: 'image', width: size[0], height: size[1] }]
        return [name, typeof value === 'object' || value === undefined ? undefined : narrowed(port.type, value)]
      }),
    )

  test('is the size that the run gives', async () => {
    const length = fc.integer({ min: 0, max: 20 })
    const scaling = fc.record({ width: length, height: length, proportions: fc.constantFrom('crop', 'fit', 'stretch') })
    const factor = fc.record({ amount: fc.constantFrom(0.3, 0.5, 1.7, 3), method: fc.constant('area') })
    const padding = fc.record({ left: length, top: length, right: length, bottom: length })
    const edits = fc.oneof(
      scaling.map((inputs) => ['scale-image', inputs] as const),
      factor.map((inputs) => ['scale-image-by', inputs] as const),
      padding.map((inputs) => ['pad-image', inputs] as const),
    )
    await fc.assert(
      fc.asyncProperty(anyPicture, edits, async (a, [type, inputs]) => {
        const [width = 0, height = 0] = sizeOf(a)
        const inferred = nodeOf(type).infer(constants(type, inputs, [width, height]), facts).image
        const made = await run([type, { image: picture('a'), ...inputs }, 'image'], { a })
        expect(inferred).toEqual({ kind: 'image', width: made.shape[3], height: made.shape[2] })
      }),
      { numRuns: 60 },
    )
  })

  test.each([
    ['crop-image', { x: 60, width: 8, height: 8 }, { code: 'range', input: 'width' }],
    ['crop-image', { y: 41, width: 8, height: 8 }, { code: 'range', input: 'height' }],
    ['pad-image', { right: 16_350 }, { code: 'limit', message: expect.stringContaining('16414 x 48') }],
    ['scale-image-by', { amount: 256.1 }, { code: 'limit' }],
    ['scale-image', { width: 0, height: 16_384 }, { code: 'limit' }],
  ])('refuses %s with %o of a picture of 64 x 48', (type, inputs, error) => {
    expect(nodeOf(type).check?.(constants(type, inputs, [64, 48]), facts)).toMatchObject(error)
  })

  test.each([
    ['crop-image', { x: 56, y: 40, width: 8, height: 8 }],
    ['pad-image', { right: 16_320 }],
    ['scale-image-by', { amount: 256 }],
  ])('takes %s with %o', (type, inputs) => {
    expect(nodeOf(type).check?.(constants(type, inputs, [64, 48]), facts)).toBeUndefined()
  })

  test('refuses pictures of two sizes for one batch', () => {
    const size = (width: number) => ({ kind: 'image', width, height: 48 }) as const
    const error = nodeOf('batch-images').check?.({ first: size(64), second: size(32) }, facts)
    expect(error).toMatchObject({
      code: 'mismatch',
      input: 'second',
      hint: 'Put a Scale Image node before one of them.',
    })
  })
})
