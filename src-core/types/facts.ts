import type { Family, Variant } from '../families/families.ts'
import type { Told } from '../families/training.ts'
import type { DetectedDistillation } from './distilled.ts'
import type { FileKind, Known } from './types.ts'

interface UnetFacts {
  readonly family: Known<Family>
  readonly variant?: Variant
  /** What it says about its training. Absent: not known. */
  readonly told?: Told
  /** A full latent consistency model, which takes the guidance scale as an input. */
  readonly guidanceEmbedding: boolean
  readonly distillation?: DetectedDistillation
  /** An inpainting model, which takes a mask and the masked picture in five extra channels. */
  readonly inpainting?: boolean
  /** Side of the training pictures in pixels. */
  readonly pictureSize?: number
}

/** Facts of each kind of file, read from its header. */
interface FactsOf {
  checkpoint: UnetFacts & {
    readonly hasModel: boolean
    readonly hasClip: boolean
    readonly hasVae: boolean
  }
  /** A UNet without its text encoder and VAE. */
  unet: UnetFacts
  'text-encoder': { readonly family: Known<Family> }
  vae: { readonly family: Known<Family> }
  lora: {
    readonly variant?: Variant
    readonly family: Known<Family>
    readonly distillation?: DetectedDistillation
    /** Changes the text encoder and nothing else. */
    readonly textOnly?: true
    /** More than a plain LoRA: its strength cannot be an input of a session. */
    readonly foldedOnly?: true
  }
  /** Pixels. */
  image: { readonly width: number; readonly height: number }
}

export interface Noticed {
  /** What was left out or guessed to read the file, as a sentence. */
  readonly notice?: string
}

/** A file that can be used. */
type FileFact = { [K in FileKind]: { readonly kind: K } & FactsOf[K] & Noticed }[FileKind]

/** The state of a file's facts: unknown yet, known, or the reason why the file cannot be used. */
export type FileKnowledge =
  | { readonly kind: 'unknown' }
  | FileFact
  | {
      readonly kind: 'error'
      readonly code: 'not-found' | 'parse' | 'unsupported' | 'io' | 'limit'
      readonly message: string
      readonly hint?: string
    }

/** The facts known so far. `infer` has no other access to files. */
export interface Facts {
  /** @param kind the use of the file: one checkpoint may also be the source of a VAE */
  file(kind: FileKind, name: string): FileKnowledge
}

/** Key of a file and its use. */
export const factKey = (kind: FileKind, name: string): string => `${kind}:${name}`

/** Facts of files by `factKey`. All other files are unknown. */
export function factsOf(files: ReadonlyMap<string, FileKnowledge>): Facts {
  return { file: (kind, name) => files.get(factKey(kind, name)) ?? { kind: 'unknown' } }
}

export const nothingKnown: Facts = factsOf(new Map())

/** The facts of a file, if they are known and of this kind. */
export function factOf<K extends FileKind>(facts: Facts, kind: K, name: Known<string>): FactOf<K> | undefined {
  const fact = facts.file(kind, name)
  return isOfKind(fact, kind) ? fact : undefined
}

type FactOf<K extends FileKind> = Extract<FileKnowledge, { readonly kind: K }>

function isOfKind<K extends FileKind>(fact: FileKnowledge, kind: K): fact is FactOf<K> {
  return fact.kind === kind
}
