import type { ConstantKind, Kind, TypeOf } from '#core/types/types.ts'
import type { InputPort } from '#core/workflow/node-type.ts'

/** Height of a one-line control in canvas pixels. */
const controlHeight = 24

/** Number of visible lines in a multiline field. */
export const textRows = 4

const textLine = 16
const textPadding = 8
const pictureHeight = 100

const one = (): number => controlHeight

type Height<K extends Kind> = (port: InputPort, type: TypeOf<K>) => number

/** Heights on the canvas by kind. Kinds that only links carry have none. */
const heights: { readonly [K in Kind]?: Height<K> } = {
  int: one,
  float: one,
  seed: one,
  choice: one,
  text: ({ multiline }) => (multiline ? controlHeight + textRows * textLine + textPadding : controlHeight),
  file: (_, { of }) => (of === 'image' ? controlHeight + pictureHeight : controlHeight),
} satisfies { readonly [K in ConstantKind]: Height<K> }

const heightOf = <K extends Kind>(kind: K, port: InputPort, type: TypeOf<K>): number => heights[kind]?.(port, type) ?? 0

/** Height of an input's field on the canvas, including the label. 0 if only links carry such a value. */
export const fieldHeight = (port: InputPort): number => heightOf(port.type.kind, port, port.type)

/** Whether an input has a field, because it can hold constants. */
export const hasField = (port: InputPort): boolean => fieldHeight(port) > 0
