import { LoomError } from '#core/errors.ts'

/** The size of one axis: a number, or a polynomial over symbols such as `height` with floored quotients. */
export type Dim = number | Expression

/** A symbol, or the quotient `floor(numerator / divisor)`, which behaves as one. */
interface Atom {
  readonly text: string
  readonly quotient?: { readonly numerator: Expression; readonly divisor: number }
}

interface Term {
  readonly coefficient: number
  /** Sorted by text; a power repeats its atom. */
  readonly factors: readonly Atom[]
}

/**
 * A polynomial with integer coefficients in normal form: like terms are joined, terms and factors are sorted, so equal
 * polynomials have equal texts. Only the functions of this file create it.
 */
export class Expression {
  readonly terms: readonly Term[]
  readonly text: string

  constructor(terms: readonly Term[]) {
    this.terms = terms
    this.text = terms.map(termText).join(' + ').replaceAll('+ -', '- ')
  }

  toString(): string {
    return this.text
  }
}

export function symbol(name: string): Expression {
  return new Expression([{ coefficient: 1, factors: [{ text: name }] }])
}

export function sameDim(a: Dim, b: Dim): boolean {
  return a === b || (typeof a !== 'number' && typeof b !== 'number' && a.text === b.text)
}

export function sameShape(a: readonly Dim[], b: readonly Dim[]): boolean {
  return a.length === b.length && a.every((size, axis) => sameDim(size, b[axis] ?? -1))
}

export function addDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return a + b
  return normal([...termsOf(a), ...termsOf(b)])
}

export function multiplyDims(a: Dim, b: Dim): Dim {
  // + 0 turns negative zero into zero
  if (typeof a === 'number' && typeof b === 'number') return a * b + 0
  return normal(
    termsOf(a).flatMap((left) =>
      termsOf(b).map((right) => ({
        coefficient: left.coefficient * right.coefficient,
        factors: sorted([...left.factors, ...right.factors]),
      })),
    ),
  )
}

export function product(dims: readonly Dim[]): Dim {
  return dims.reduce<Dim>(multiplyDims, 1)
}

/**
 * `floor(a / divisor)` in normal form: divisible terms move out of the quotient, common factors cancel, and nested
 * quotients join, so that `ceil(ceil(h/2)/2)` and `ceil(h/4)` are the same expression.
 */
export function floorDivide(a: Dim, divisor: number): Dim {
  if (typeof a === 'number') return Math.floor(a / divisor)
  if (divisor === 1) return a
  const whole = a.terms.filter((term) => term.coefficient % divisor === 0)
  const rest = a.terms.filter((term) => term.coefficient % divisor !== 0)
  const outside = normal(whole.map((term) => ({ ...term, coefficient: term.coefficient / divisor })))
  const variable = rest.filter((term) => term.factors.length > 0)
  const constant = rest.find((term) => term.factors.length === 0)?.coefficient ?? 0
  const remainder = constant - Math.floor(constant / divisor) * divisor
  const moved = addDims(outside, Math.floor(constant / divisor))
  if (variable.length === 0) return moved
  const common = variable.reduce((gcd, term) => greatestCommonDivisor(gcd, term.coefficient), divisor)
  // floor((g x + c) / (g k)) = floor((x + floor(c / g)) / k)
  const numerator = addDims(
    normal(variable.map((term) => ({ ...term, coefficient: term.coefficient / common }))),
    Math.floor(remainder / common),
  )
  return addDims(moved, quotient(numerator, divisor / common))
}

/** `a / b`, where b is a single term that divides every term of a. Throws `internal` otherwise. */
export function divideExactly(a: Dim, b: Dim): Dim {
  const [by, ...more] = termsOf(b)
  if (!by || more.length > 0) throw notDivisible(a, b)
  return normal(
    termsOf(a).map((term) => {
      const factors = [...term.factors]
      for (const factor of by.factors) {
        const at = factors.findIndex(({ text }) => text === factor.text)
        if (at < 0) throw notDivisible(a, b)
        factors.splice(at, 1)
      }
      if (term.coefficient % by.coefficient !== 0) throw notDivisible(a, b)
      return { coefficient: term.coefficient / by.coefficient, factors }
    }),
  )
}

/** The value of a dim for given values of its symbols. Throws `internal` for a symbol without a value. */
export function evaluateDim(dim: Dim, symbols: Readonly<Record<string, number>>): number {
  if (typeof dim === 'number') return dim
  return dim.terms.reduce(
    (sum, { coefficient, factors }) =>
      sum + factors.reduce((value, factor) => value * evaluateAtom(factor, symbols), coefficient),
    0,
  )
}

function evaluateAtom({ text, quotient }: Atom, symbols: Readonly<Record<string, number>>): number {
  if (quotient) return Math.floor(evaluateDim(quotient.numerator, symbols) / quotient.divisor)
  const value = symbols[text]
  if (value === undefined) throw new LoomError('internal', `The size ${text} has no value.`)
  return value
}

function quotient(numerator: Dim, divisor: number): Dim {
  if (typeof numerator === 'number' || divisor === 1) return floorDivide(numerator, divisor)
  const [first, second] = numerator.terms
  const inner = first?.coefficient === 1 && first.factors.length === 1 ? first.factors[0]?.quotient : undefined
  const offset = second?.coefficient ?? 0
  // floor((floor(x / a) + b) / c) = floor((x + a b) / (a c))
  if (inner && numerator.terms.length <= 2 && (second?.factors.length ?? 0) === 0) {
    return floorDivide(addDims(inner.numerator, inner.divisor * offset), inner.divisor * divisor)
  }
  const text = numerator.terms.length === 1 ? `${numerator}/${divisor}` : `(${numerator})/${divisor}`
  return new Expression([{ coefficient: 1, factors: [{ text: `floor(${text})`, quotient: { numerator, divisor } }] }])
}

function termsOf(dim: Dim): readonly Term[] {
  return typeof dim === 'number' ? [{ coefficient: dim, factors: [] }] : dim.terms
}

function normal(terms: readonly Term[]): Dim {
  const joined = new Map<string, Term>()
  for (const term of terms) {
    const key = factorsText(term.factors)
    joined.set(key, { factors: term.factors, coefficient: term.coefficient + (joined.get(key)?.coefficient ?? 0) })
  }
  // the constant reads better last, but its empty key would sort first
  const kept = [...joined].filter(([, { coefficient }]) => coefficient !== 0).sort(([a], [b]) => compareKeys(a, b))
  const [only] = kept
  if (!only) return 0
  if (kept.length === 1 && only[1].factors.length === 0) return only[1].coefficient
  return new Expression(kept.map(([, term]) => term))
}

function compareKeys(a: string, b: string): number {
  if (a === '' || b === '') return b.length - a.length
  return a < b ? -1 : 1
}

function termText({ coefficient, factors }: Term): string {
  if (factors.length === 0) return `${coefficient}`
  if (coefficient === 1) return factorsText(factors)
  return `${coefficient === -1 ? '-' : `${coefficient}*`}${factorsText(factors)}`
}

function factorsText(factors: readonly Atom[]): string {
  return factors.map(({ text }) => text).join('*')
}

function sorted(factors: readonly Atom[]): readonly Atom[] {
  return factors.toSorted((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? Math.abs(a) : greatestCommonDivisor(b, a % b)
}

function notDivisible(a: Dim, b: Dim): LoomError {
  return new LoomError('internal', `The size ${a} is not a multiple of ${b}.`)
}
