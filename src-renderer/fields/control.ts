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

/** Fields have fixed sizes on the canvas, but a panel has room for text. */
export type Place = 'canvas' | 'panel'

/** State of an input's field, and functions to change it. */
export interface FieldState {
  /** Id of the control in the page. */
  readonly id: string
  readonly address: InputAddress
  readonly place: Place
  readonly label: string
  readonly port: InputPort
  /** The stored value, valid or not, or else the default, or else an empty text. */
  readonly value: Json
  readonly isDefault: boolean
  /** The problem of the input. */
  readonly problem: LoomError | undefined
  /** Writes a value. Changes until `end` are one undo step. */
  change(value: Json): void
  /** Restores the default. */
  reset(): void
  end(): void
}

/** Props of a kind's control. `type` is that of the port. */
export interface ControlProps<K extends Kind> {
  readonly field: FieldState
  readonly type: TypeOf<K>
}

/** ARIA attributes of a control. */
export const ariaOf = ({ id, problem }: FieldState) => ({
  id,
  'aria-invalid': problem !== undefined,
  'aria-describedby': problem && problemId(id),
})

/** Id of the problem's text. */
export const problemId = (id: string): string => `${id}-problem`
