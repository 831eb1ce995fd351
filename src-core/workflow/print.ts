import { LoomError } from '#core/errors.ts'
import type { Workflow } from './document.ts'

/** A value that fits into this many characters, including indentation, stays on one line. */
const lineWidth = 100

/** The order of an object's keys. An object without a shape keeps its order. */
interface Shape {
  /** These keys come first; the rest follows in order of name. */
  readonly first: readonly string[]
  readonly of?: Readonly<Record<string, Shape>>
  /** Shape of every entry that `of` does not name. */
  readonly each?: Shape
}

const byName: Shape = { first: [] }

const node: Shape = {
  first: ['type', 'version', 'at', 'title', 'state', 'inputs', 'after'],
  of: { inputs: byName, after: byName },
}

const nodes: Shape = { first: [], each: node }

const subgraph: Shape = {
  first: ['name', 'description', 'inputs', 'outputs', 'nodes', 'frames', 'notes'],
  of: { nodes },
}

const workflow: Shape = {
  first: ['format', 'version', 'name', 'nodes', 'frames', 'notes', 'form', 'subgraphs', 'files'],
  of: { nodes, subgraphs: { first: [], each: subgraph }, files: byName },
}

/**
 * The document, or a part of it, as text. Equal documents give equal texts, whatever the order of their keys, and a
 * change of one input changes one or few lines, so that documents can be compared and merged.
 * @throws LoomError `range` for a number that JSON cannot represent
 */
export function printWorkflow(document: Pick<Workflow, 'nodes'>): string {
  return `${print(document, workflow, '')}\n`
}

function print(value: unknown, shape: Shape | undefined, indent: string): string {
  const line = compact(value, shape, lineWidth - indent.length)
  if (line !== undefined) return line
  if (typeof value !== 'object' || value === null) return scalar(value)
  const inner = `${indent}  `
  const lines = Array.isArray(value)
    ? value.map((item) => inner + print(item, undefined, inner))
    : entries(value, shape).map(([key, item, of]) => `${inner}${JSON.stringify(key)}: ${print(item, of, inner)}`)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  return `${open}\n${lines.join(',\n')}\n${indent}${close}`
}

/** The value on one line, or undefined if that is longer than `room`. */
function compact(value: unknown, shape: Shape | undefined, room: number): string | undefined {
  if (typeof value !== 'object' || value === null) {
    const text = scalar(value)
    return text.length <= room ? text : undefined
  }
  const list = Array.isArray(value)
  const parts: string[] = []
  let left = room - (list ? 2 : 4)
  for (const [key, item, of] of entries(value, shape)) {
    const name = list ? '' : `${JSON.stringify(key)}: `
    const text = compact(item, of, left - name.length)
    if (text === undefined) return undefined
    parts.push(name + text)
    left -= name.length + text.length + 2
  }
  if (parts.length === 0) return list ? '[]' : '{}'
  return list ? `[${parts.join(', ')}]` : `{ ${parts.join(', ')} }`
}

/** Keys, values and shapes of the values, in the order of the shape. */
function entries(value: object, shape: Shape | undefined): (readonly [string, unknown, Shape | undefined])[] {
  const present = Object.entries(value).filter(([, item]) => item !== undefined)
  if (shape === undefined) return present.map(([key, item]) => [key, item, undefined])
  const { first, of = {}, each } = shape
  const rank = (key: string): number => (first.includes(key) ? first.indexOf(key) : first.length)
  return present
    .sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map(([key, item]) => [key, item, Object.hasOwn(of, key) ? of[key] : each])
}

function scalar(value: unknown): string {
  if (typeof value !== 'number') return JSON.stringify(value)
  if (!Number.isFinite(value)) throw new LoomError('range', `A workflow cannot hold the number ${value}.`)
  if (Object.is(value, -0)) return '-0'
  // as digits alone it would read as an integer too large to be exact
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? value.toExponential() : String(value)
}
