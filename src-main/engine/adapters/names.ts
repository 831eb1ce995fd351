import { LoomError } from '#core/errors.ts'
import { type AdapterKind, type AdapterRole, foreignKindOf, kindOf, splitEnding } from '#core/formats/adapter-names.ts'
import { uncompiled } from '../models/parts.ts'
import type { TensorRef } from '../models/weights.ts'

/** The tensors of one module, by role. */
export type Pieces = ReadonlyMap<AdapterRole, TensorRef>

export interface AdapterNames {
  readonly pieces: ReadonlyMap<string, Pieces>
  readonly kinds: ReadonlySet<AdapterKind>
  /** Tensors of kinds that are not built, by the kind's title. */
  readonly foreign: ReadonlyMap<string, readonly string[]>
  readonly unknown: readonly string[]
}

/**
 * Sorts tensors into modules by the endings of their names.
 * @throws LoomError `parse` if two tensors of a module have the same role
 */
export function sortNames(refs: readonly TensorRef[]): AdapterNames {
  const pieces = new Map<string, Map<AdapterRole, TensorRef>>()
  const kinds = new Set<AdapterKind>()
  const foreign = new Map<string, string[]>()
  const unknown: string[] = []
  for (const ref of refs) {
    const title = foreignKindOf(ref.name)
    const split = splitEnding(ref.name)
    if (title !== undefined) {
      foreign.set(title, [...(foreign.get(title) ?? []), ref.name])
      continue
    }
    if (!split) {
      unknown.push(ref.name)
      continue
    }
    const { role } = split
    const module = uncompiled(split.module)
    const kind = kindOf(role, ref.shape)
    if (kind) kinds.add(kind)
    const known = pieces.get(module) ?? new Map<AdapterRole, TensorRef>()
    if (known.has(role)) {
      throw new LoomError('parse', `The adapter's module ${module} has ${role} twice, as ${ref.name} too.`)
    }
    pieces.set(module, known.set(role, ref))
  }
  return { pieces, kinds, foreign, unknown }
}
