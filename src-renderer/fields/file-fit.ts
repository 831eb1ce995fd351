import { isFamily, isVariant } from '#core/families/families.ts'
import type { ModelFile } from '#core/protocol/routes.ts'
import { type FileKind, UNKNOWN } from '#core/types/types.ts'
import { type Made, misfit, sharesLatents } from '#nodes/kit/family.ts'

/** A file, and whether it fits the graph. */
export interface RankedFile {
  readonly file: ModelFile
  /** The reason why it does not fit. Undefined if it fits as far as known. */
  readonly reason: string | undefined
}

interface Wanted {
  readonly kind: FileKind
  /** The model linked to the node. */
  readonly model: Made
  /** A stored name without a file. Files with similar names come first. */
  readonly missing?: string | undefined
}

/** Kinds of files that a checkpoint also contains. */
const parts: ReadonlySet<FileKind> = new Set(['unet', 'text-encoder', 'vae'])

const takes = (kind: FileKind, file: ModelFile): boolean =>
  file.kind === kind || (file.kind === 'checkpoint' && parts.has(kind))

/** Files of a kind: those that fit the graph first, then unknown ones, each sorted by name. */
export function rankFiles(files: readonly ModelFile[], { kind, model, missing }: Wanted): RankedFile[] {
  const rankOf = (file: ModelFile, reason: string | undefined): number => {
    if (reason !== undefined) return 3
    if (file.kind !== kind) return 2
    return model.family === UNKNOWN || file.family === model.family ? 0 : 1
  }
  return files
    .filter((file) => takes(kind, file))
    .map((file) => {
      const reason = reasonAgainst(file, kind, model)
      const closeness = missing === undefined ? 0 : similarity(file.name, missing)
      return { file, reason, rank: rankOf(file, reason), closeness }
    })
    .sort((a, b) => a.rank - b.rank || b.closeness - a.closeness || a.file.name.localeCompare(b.file.name))
    .map(({ file, reason }) => ({ file, reason }))
}

function reasonAgainst({ error, family, variant }: ModelFile, kind: FileKind, model: Made): string | undefined {
  if (error !== undefined) return error
  if (family === undefined || !isFamily(family) || (kind === 'vae' && sharesLatents(family, model.family)))
    return undefined
  // all variants of a family share the networks other than the UNet
  const own = kind === 'lora' && variant !== undefined && isVariant(variant) ? { variant } : undefined
  const reason = misfit({ family, ...own }, own ? model : { family: model.family })
  return reason && `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`
}

/** Minimum similarity of names. */
const alike = 0.35

/** Names of files similar to a missing one, most similar first. */
export function nearestNames(files: readonly ModelFile[], kind: FileKind, missing: string, most = 3): string[] {
  return files
    .filter((file) => takes(kind, file) && file.error === undefined)
    .map(({ name }) => ({ name, closeness: similarity(name, missing) }))
    .filter(({ closeness }) => closeness >= alike)
    .sort((a, b) => b.closeness - a.closeness)
    .slice(0, most)
    .map(({ name }) => name)
}

/** Similarity of two file names, 0 to 1, by common pairs of letters. Ignores folders and extensions. */
export function similarity(a: string, b: string): number {
  const [first, second] = [pairsOf(a), pairsOf(b)]
  const shared = [...first].filter((pair) => second.has(pair)).length
  return first.size + second.size === 0 ? 0 : (2 * shared) / (first.size + second.size)
}

function pairsOf(name: string): Set<string> {
  const stem = name.slice(name.lastIndexOf('/') + 1).replace(/\.[^.]*$/, '')
  const letters = ` ${stem.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ')} `
  return new Set(Array.from({ length: letters.length - 1 }, (_, at) => letters.slice(at, at + 2)))
}
