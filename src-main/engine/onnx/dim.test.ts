import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addDims,
  type Dim,
  divideExactly,
  evaluateDim,
  floorDivide,
  multiplyDims,
  product,
  sameDim,
  symbol,
} from './dim.ts'

const height = symbol('height')
const width = symbol('width')
const halved = (dim: Dim) => floorDivide(addDims(dim, 1), 2)

describe('normal form', () => {
  test('equal sizes have equal texts', () => {
    expect(`${addDims(multiplyDims(2, height), addDims(height, -3))}`).toBe('3*height - 3')
    expect(`${product([width, 2, height])}`).toBe('2*height*width')
    expect(addDims(height, multiplyDims(-1, height))).toBe(0)
  })

  test('halving twice is quartering', () => {
    expect(`${halved(halved(height))}`).toBe('floor((height + 3)/4)')
    expect(sameDim(halved(halved(halved(height))), floorDivide(addDims(height, 7), 8))).toBe(true)
    expect(sameDim(floorDivide(multiplyDims(8, height), 8), height)).toBe(true)
    expect(sameDim(floorDivide(addDims(multiplyDims(4, height), 1), 2), multiplyDims(2, height))).toBe(true)
  })
})

test('exact division', () => {
  const pixels = product([symbol('batch'), 320, height, width])
  expect(sameDim(divideExactly(pixels, multiplyDims(symbol('batch'), 40)), product([8, height, width]))).toBe(true)
  expect(() => divideExactly(pixels, 7)).toThrow('not a multiple')
  expect(() => divideExactly(height, width)).toThrow('not a multiple')
})

type Expression = (dim: (value: number) => Dim) => Dim

const { tree } = fc.letrec<{ tree: Expression }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    fc.constant<Expression>((dim) => dim(0)),
    fc.constant<Expression>((dim) => dim(1)),
    fc.integer({ min: -9, max: 9 }).map<Expression>((n) => () => n),
    fc.tuple(tie('tree'), tie('tree')).map<Expression>(
      ([a, b]) =>
        (dim) =>
          addDims(a(dim), b(dim)),
    ),
    fc.tuple(tie('tree'), tie('tree')).map<Expression>(
      ([a, b]) =>
        (dim) =>
          multiplyDims(a(dim), b(dim)),
    ),
    fc.tuple(tie('tree'), fc.integer({ min: 1, max: 6 })).map<Expression>(
      ([a, k]) =>
        (dim) =>
          floorDivide(a(dim), k),
    ),
  ),
}))

test('symbolic and numeric arithmetic agree', () => {
  const size = fc.integer({ min: 1, max: 40 })
  fc.assert(
    fc.property(tree, size, size, (expression, h, w) => {
      const symbolic = expression((which) => (which === 0 ? height : width))
      const numeric = expression((which) => (which === 0 ? h : w))
      expect(evaluateDim(symbolic, { height: h, width: w })).toBe(Number(numeric) + 0)
    }),
  )
})
