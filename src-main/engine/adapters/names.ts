import { LoomError } from '#core/errors.ts'
import { type AdapterRole, type SortedNames, sortAdapterNames } from '#core/formats/adapter-names.ts'
import { foreignPrefix, uncompiled } from '#core/formats/tensor-names.ts'
import type { TensorRef } from '../models/weights.ts'

/** The tensors of one module, by role. */
export type Pieces = ReadonlyMap<AdapterRole, TensorRef>

export interface AdapterNames extends Omit<SortedNames<TensorRef>, 'pieces'> {
  /** By the names of their modules, without what stands before all of them. */
  readonly pieces: ReadonlyMap<string, Pieces>
  /** Words before (nearly) all names that are no part of them; empty if there are none. */
  readonly prefix: string
}

/**
 * Sorts tensors into modules by the endings of their names.
 * @throws LoomError `parse` if two tensors of a module have the same role
 */
export function sortNames(refs: readonly TensorRef[]): AdapterNames {
  const { pieces: sorted, ...rest } = sortAdapterNames(new Map(refs.map((ref) => [ref.name, ref])))
  const prefix = foreignPrefix(Array.from(new Set(sorted.map(([module]) => module))), 'adapter')
  const pieces = new Map<string, Map<AdapterRole, TensorRef>>()
  for (const [name, role, ref] of sorted) {
    const module = uncompiled(name.startsWith(prefix) ? name.slice(prefix.length) : name)
    const known = pieces.get(module) ?? new Map<AdapterRole, TensorRef>()
    if (known.has(role)) {
      throw new LoomError('parse', `The adapter's module ${module} has ${role} twice, as ${ref.name} too.`)
    }
    pieces.set(module, known.set(role, ref))
  }
  return { pieces, prefix, ...rest }
}
