import type { Family, FileKind, Known } from './types.ts'

/** What is known of each kind of file, read from its header beforehand. */
interface FactsOf {
  checkpoint: {
    readonly family: Known<Family>
    readonly prediction: Known<'epsilon' | 'v_prediction'>
    /** A full latent consistency model: takes the guidance scale as an input. */
    readonly guidanceEmbedding: boolean
    /** Side of the pictures that it was trained on, in pixels. */
    readonly pictureSize?: number
    readonly hasModel: boolean
    readonly hasClip: boolean
    readonly hasVae: boolean
  }
  lora: { readonly family: Known<Family> }
  /** Pixels. */
  image: { readonly width: number; readonly height: number }
}

/** A file that can be used. */
type FileFact = { [K in FileKind]: { readonly kind: K } & FactsOf[K] }[FileKind]

/** What is known of a file: nothing yet, what it holds, or why it cannot be used. */
export type FileKnowledge =
  | { readonly kind: 'unknown' }
  | FileFact
  | {
      readonly kind: 'error'
      readonly code: 'not-found' | 'parse' | 'unsupported' | 'io' | 'limit'
      readonly message: string
      readonly hint?: string
    }

/** What the outside world has told so far; `infer` sees files through it alone. */
export interface Facts {
  file(name: string): FileKnowledge
}

/** Facts of the files named; of all others nothing is known. */
export function factsOf(files: ReadonlyMap<string, FileKnowledge>): Facts {
  return { file: (name) => files.get(name) ?? { kind: 'unknown' } }
}

/** The fact of a file, if it is known and of this kind. */
export function factOf<K extends FileKind>(facts: Facts, kind: K, name: Known<string>): FactOf<K> | undefined {
  const fact = facts.file(name)
  return isOfKind(fact, kind) ? fact : undefined
}

type FactOf<K extends FileKind> = Extract<FileKnowledge, { readonly kind: K }>

function isOfKind<K extends FileKind>(fact: FileKnowledge, kind: K): fact is FactOf<K> {
  return fact.kind === kind
}
