import { type ComponentType, memo } from 'react'
import type { ConstantKind, Kind, TypeOf } from '#core/types/types.ts'
import { useLevel } from '../store/context.ts'
import { ChoiceField } from './choice-field.tsx'
import type { ControlProps, FieldState, InputAddress, Place } from './control.ts'
import { FileField } from './file-field.tsx'
import { NumberField } from './number-field.tsx'
import { SeedField } from './seed-field.tsx'
import { TextField } from './text-field.tsx'
import { useField } from './use-field.ts'

/** Controls by kind. Kinds that only links carry have none. */
const controls: { readonly [K in Kind]?: ComponentType<ControlProps<K>> } = {
  int: NumberField,
  float: NumberField,
  text: TextField,
  seed: SeedField,
  choice: ChoiceField,
  file: FileField,
} satisfies { readonly [K in ConstantKind]: ComponentType<ControlProps<K>> }

function control<K extends Kind>(kind: K, field: FieldState, type: TypeOf<K>) {
  const Control: ComponentType<ControlProps<K>> | undefined = controls[kind]
  return Control ? <Control field={field} type={type} /> : null
}

interface FieldProps {
  /** Id of the node on the shown level. */
  readonly node: string
  readonly input: string
  readonly place: Place
}

/** The field of an input. Empty for an input that is linked or accepts only links. */
export const Field = memo(function Field({ node, input, place }: FieldProps) {
  const level = useLevel()
  return <FieldAt level={level} node={node} input={input} place={place} />
})

interface FieldAtProps extends InputAddress {
  readonly place: Place
  /** Replaces the port's label. */
  readonly label?: string
}

/** The field of an input anywhere in the document. */
export function FieldAt({ level, node, input, place, label }: FieldAtProps) {
  const field = useField({ level, node, input }, place, label)
  return field ? control(field.port.type.kind, field, field.port.type) : null
}
