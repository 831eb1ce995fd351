import { type ErrorCode, LoomError } from '#core/errors.ts'
import { type AdapterRole, nameOfRole } from '#core/formats/adapter-names.ts'
import type { TensorRef, WeightChange } from '../models/weights.ts'
import type { AdapterModule } from './adapter.ts'
import type { Pieces } from './names.ts'
import type { PeftConfig } from './peft.ts'

/** A module as described by the header. Its scale depends on an alpha that is not read yet. */
export interface UnscaledModule<Change extends WeightChange = WeightChange> extends Omit<AdapterModule, 'change'> {
  /** @param scale alpha / rank, or alpha itself if that is a limit */
  readonly change: (scale: number) => Change
  /** Alpha does not scale the change. */
  readonly alphaIs?: 'limit'
}

/** What the tensors' names and shapes do not say about a module. */
export interface ModuleSettings {
  readonly config?: PeftConfig | undefined
  /** The value of LyCORIS's `on_input`. */
  readonly onInput?: boolean
  /** The file says what trained it. */
  readonly namesTrainer?: boolean
}

/** The tensors of a named module. */
export interface Module extends ModuleSettings {
  readonly name: string
  readonly pieces: Pieces
}

/** Reads one kind of change from a module's tensors. Undefined if the tensors of this kind are missing. */
export type Reader = (module: Module) => UnscaledModule | readonly UnscaledModule[] | undefined

export function unscaledModule<Change extends WeightChange>(
  { name }: Module,
  shape: AdapterModule['shape'],
  change: (scale: number) => Change,
  rank?: number,
): UnscaledModule<Change> {
  return { name, parameter: 'weight', shape, change, ...(rank !== undefined && { rank }) }
}

export function hasAny({ pieces }: Module, roles: readonly AdapterRole[]): boolean {
  return roles.some((role) => pieces.has(role))
}

export function need(module: Module, role: AdapterRole): TensorRef {
  const ref = module.pieces.get(role)
  if (!ref) throw new Incomplete(`it has no ${nameOfRole(role)}`)
  return ref
}

/** Thrown for a module that lacks tensors, with the reason as a clause. The rest of the file may be used. */
export class Incomplete extends Error {}

export const damaged = 'The file is damaged or mixed from two; take another one.'

const hints: Partial<Record<ErrorCode, string>> = {
  unsupported: 'Take another version of the adapter, for instance one in float16.',
}

export function problem(code: ErrorCode, { name }: Pick<Module, 'name'>, text: string): LoomError {
  return new LoomError(code, `The adapter's module ${name} ${text}.`, { hint: hints[code] ?? damaged })
}
