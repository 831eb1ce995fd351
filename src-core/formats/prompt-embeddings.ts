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

/** The file name, as in documents, of an embedding. */
export function embeddingFile(name: string): string {
  return `embeddings/${name.endsWith('.safetensors') ? name : `${name}.safetensors`}`
}
