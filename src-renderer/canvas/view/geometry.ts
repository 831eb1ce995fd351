import type { Kind } from '#core/types/types.ts'
import { isLink, isOuter, own, type WorkflowNode } from '#core/workflow/document.ts'
import type { InputPort, Port } from '#core/workflow/node-type.ts'
import type { Signature } from '#core/workflow/subgraphs.ts'
import { fieldHeight, hasField } from '../../fields/sizes.ts'

/**
 * The layout of a node in canvas pixels. The styles use exactly these sizes, so React Flow need not measure nodes.
 */

/** Equal to `--node-width` of the theme. */
export const nodeWidth = 232
export const headerHeight = 28
const rowHeight = 24
const fieldGap = 4
const bodyPadding = 4
const moreHeight = 24
export const resultHeights = { picture: 216, file: 28 } as const
export const problemHeight = 84

/** The visible part of a port. */
const portSize = 10

/** A port in the layout of a node. */
export interface PortSpot {
  readonly name: string
  readonly label: string
  readonly kind: Kind
  /** Distance of the centre from the upper edge of the node. */
  readonly y: number
  /** Whether a link ends here. */
  readonly linked: boolean
  /** The node cannot run without a link here. */
  readonly required: boolean
}

/** A row of the node: an input on the left, an output on the right, or a field with its input. */
export interface Row {
  readonly y: number
  readonly height: number
  readonly input?: PortSpot
  readonly output?: PortSpot
  readonly field: boolean
  /** The subgraph's input that feeds this input. */
  readonly outer?: string
}

export interface NodeLayout {
  readonly height: number
  readonly rows: readonly Row[]
  /** The toggle for advanced inputs. Undefined if there are none. */
  readonly more?: { readonly y: number; readonly hidden: boolean }
  readonly resultY?: number
  readonly problemY?: number
}

/** The parts of a node that do not depend on the document. */
export interface Shown {
  /** Shows advanced inputs. */
  readonly more: boolean
  /** The result to show: a picture, a preview or a file. */
  readonly result: keyof typeof resultHeights | undefined
  /** Shows a problem or a question. */
  readonly problem: boolean
  /** Linked outputs. */
  readonly outputs: ReadonlySet<string>
}

const unknownPort: Port = { type: { kind: 'unknown' }, label: '', description: '' }

/** Lays out a node. A node of an unknown type shows its stored inputs and linked outputs. */
export function layoutNode(node: WorkflowNode, signature: Signature | undefined, shown: Shown): NodeLayout {
  const inputs = inputsOf(node, signature)
  const outputs = outputsOf(signature, shown.outputs)
  if (node.collapsed) return collapsed(inputs, outputs, node, shown)

  const visible = inputs.filter(([name, port]) => !port.advanced || shown.more || isFed(node, name))
  const plain = visible.filter(([, port]) => !hasField(port))
  const valued = visible.filter(([, port]) => hasField(port))
  const rows: Row[] = []
  let y = headerHeight + bodyPadding

  const spot = (name: string, port: InputPort, linked: boolean): PortSpot => ({
    name,
    label: port.label || name,
    kind: port.type.kind,
    y: y + rowHeight / 2,
    linked,
    required: !port.optional && port.default === undefined,
  })
  for (let index = 0; index < Math.max(plain.length, outputs.length); index++) {
    const input = plain[index]
    const output = outputs[index]
    const outer = input && outerOf(node, input[0])
    rows.push({
      y,
      height: rowHeight,
      field: false,
      ...(input && { input: spot(...input, isFed(node, input[0])) }),
      ...(output && { output: spot(...output, shown.outputs.has(output[0])) }),
      ...(outer !== undefined && { outer }),
    })
    y += rowHeight
  }
  for (const [name, port] of valued) {
    const fed = isFed(node, name)
    const outer = outerOf(node, name)
    const height = fed ? rowHeight : fieldHeight(port) + fieldGap
    rows.push({ y, height, field: !fed, input: spot(name, port, fed), ...(outer !== undefined && { outer }) })
    y += height
  }
  const advanced = inputs.some(([name, port]) => port.advanced && !isFed(node, name))
  const moreY = y
  if (advanced) y += moreHeight
  const resultY = y
  if (shown.result) y += resultHeights[shown.result]
  const problemY = y
  if (shown.problem) y += problemHeight
  return {
    height: y + bodyPadding,
    rows,
    ...(advanced && { more: { y: moreY, hidden: !shown.more } }),
    ...(shown.result && { resultY }),
    ...(shown.problem && { problemY }),
  }
}

/** Layout of a collapsed node: all ports are in the middle of the title. */
function collapsed(
  inputs: readonly [string, InputPort][],
  outputs: readonly [string, Port][],
  node: WorkflowNode,
  shown: Shown,
): NodeLayout {
  const at = (name: string, { label, type }: Port, linked: boolean): PortSpot => ({
    name,
    label: label || name,
    kind: type.kind,
    y: headerHeight / 2,
    linked,
    required: false,
  })
  const row = { y: 0, height: headerHeight, field: false }
  return {
    height: headerHeight,
    rows: [
      ...inputs.map(([name, port]) => ({ ...row, input: at(name, port, isFed(node, name)) })),
      ...outputs.map(([name, port]) => ({ ...row, output: at(name, port, shown.outputs.has(name)) })),
    ],
  }
}

/** Inputs of the signature, then those that exist only in the document. */
function inputsOf(node: WorkflowNode, signature: Signature | undefined): [string, InputPort][] {
  const known = Object.entries(signature?.inputs ?? {})
  const others = Object.keys(node.inputs).filter((name) => own(signature?.inputs ?? {}, name) === undefined)
  return [...known, ...others.map((name): [string, InputPort] => [name, { ...unknownPort, optional: true }])]
}

function outputsOf(signature: Signature | undefined, linked: ReadonlySet<string>): [string, Port][] {
  const known = Object.entries(signature?.outputs ?? {})
  const others = [...linked].filter((name) => own(signature?.outputs ?? {}, name) === undefined)
  return [...known, ...others.map((name): [string, Port] => [name, unknownPort])]
}

/** Whether an input has a link or a subgraph's input as its source. */
function isFed(node: WorkflowNode, input: string): boolean {
  const value = own(node.inputs, input)
  return value !== undefined && (isLink(value) || isOuter(value))
}

function outerOf(node: WorkflowNode, input: string): string | undefined {
  const value = own(node.inputs, input)
  return value !== undefined && isOuter(value) ? value.input : undefined
}

/** Position of a port relative to its node. */
export const portPlace = ({ y }: PortSpot, side: 'input' | 'output') => ({
  x: (side === 'input' ? 0 : nodeWidth) - portSize / 2,
  y: y - portSize / 2,
  width: portSize,
  height: portSize,
})
