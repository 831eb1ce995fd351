import type { LoomError } from '#core/errors.ts'
import type { Kind, TypeOf } from '#core/types/types.ts'
import type { Json } from '#core/workflow/json.ts'
import type { InputPort } from '#core/workflow/node-type.ts'
import type { Level } from '../store/graph.ts'

/** An input of a node anywhere in a document. */
export interface InputAddress {
  readonly level: Level
  readonly node: string
  readonly input: string
}

/** The canvas wants everything in its place, a panel has room for words. */
export type Place = 'canvas' | 'panel'

/** What a field shows of its input, and how it changes it. */
export interface FieldState {
  /** Id of the control in the page. */
  readonly id: string
  readonly address: InputAddress
  readonly place: Place
  readonly label: string
  readonly port: InputPort
  /** What the document holds, valid or not, else the default, else an empty text. */
  readonly value: Json
  readonly isDefault: boolean
  /** What is wrong with the input. */
  readonly problem: LoomError | undefined
  /** Writes a value; changes in a row are one step of undo until `end`. */
  change(value: Json): void
  /** Back to the default. */
  reset(): void
  end(): void
}

/** The control of a kind; its type is that of the port. */
export interface ControlProps<K extends Kind> {
  readonly field: FieldState
  readonly type: TypeOf<K>
}

/** What a control's element tells assistive technology. */
export const ariaOf = ({ id, problem }: FieldState) => ({
  id,
  'aria-invalid': problem !== undefined,
  'aria-describedby': problem && problemId(id),
})

/** Id of the sentence about what is wrong. */
export const problemId = (id: string): string => `${id}-problem`
