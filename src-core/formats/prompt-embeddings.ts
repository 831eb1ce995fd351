import type { PromptSegment } from './prompt.ts'

/** A position in a prompt for the vectors of an embedding (textual inversion). */
export interface EmbeddingSegment {
  readonly embedding: string
  readonly weight: number
}

/** `embedding:` at the start of a segment or after a space. The name ends at white space; final commas are text. */
const pattern = /(?<=^|[ \n])embedding:(\S*[^\s,])/g

/** Splits weighted segments at embeddings, with ComfyUI's syntax. */
export function splitEmbeddings(segments: readonly PromptSegment[]): readonly (PromptSegment | EmbeddingSegment)[] {
  return segments.flatMap(({ text, weight }) => {
    const parts: (PromptSegment | EmbeddingSegment)[] = []
    let from = 0
    const textUntil = (to: number) => {
      if (to > from) parts.push({ text: text.slice(from, to), weight })
    }
    for (const { 0: whole, 1: embedding = '', index } of text.matchAll(pattern)) {
      textUntil(index)
      parts.push({ embedding, weight })
      from = index + whole.length
    }
    textUntil(text.length)
    return parts
  })
}

/** Endings of embeddings, in ComfyUI's order of preference. */
const endings = ['.safetensors', '.pt', '.bin'] as const

/** The file names, as in documents, that an embedding may have; the first that is there counts. */
export function embeddingFiles(name: string): readonly string[] {
  const isWhole = endings.some((ending) => name.endsWith(ending))
  return (isWhole ? [''] : endings).map((ending) => `embeddings/${name}${ending}`)
}
