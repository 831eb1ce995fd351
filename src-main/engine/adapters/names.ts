import { LoomError } from '#core/errors.ts'
import type { TensorRef } from '../models/weights.ts'
import type { AdapterKind } from './adapter.ts'
import { kindOf, type Role, splitEnding } from './endings.ts'

/** The tensors of one module, by role. */
export type Pieces = ReadonlyMap<Role, TensorRef>

export interface AdapterNames {
  readonly pieces: ReadonlyMap<string, Pieces>
  readonly kinds: ReadonlySet<AdapterKind>
  /** Tensors of unsupported kinds by role. */
  readonly foreign: ReadonlyMap<ForeignRole, readonly string[]>
  readonly unknown: readonly string[]
}

export type ForeignRole = Extract<Role, 'oft' | 'reshape'>

/**
 * Sorts tensors into modules by the endings of their names.
 * @throws LoomError `parse` if two tensors of a module have the same role
 */
export function sortNames(refs: readonly TensorRef[]): AdapterNames {
  const pieces = new Map<string, Map<Role, TensorRef>>()
  const kinds = new Set<AdapterKind>()
  const foreign = new Map<ForeignRole, string[]>()
  const unknown: string[] = []
  for (const ref of refs) {
    const split = splitEnding(ref.name)
    if (!split) {
      unknown.push(ref.name)
      continue
    }
    const { module, role } = split
    const kind = kindOf(role)
    if (kind) kinds.add(kind)
    if (role === 'oft' || role === 'reshape') {
      foreign.set(role, [...(foreign.get(role) ?? []), ref.name])
      continue
    }
    const known = pieces.get(module) ?? new Map<Role, TensorRef>()
    if (known.has(role)) {
      throw new LoomError('parse', `The adapter's module ${module} has ${role} twice, as ${ref.name} too.`)
    }
    pieces.set(module, known.set(role, ref))
  }
  return { pieces, kinds, foreign, unknown }
}
