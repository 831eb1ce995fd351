import type { PromptSegment } from './prompt.ts'

/** A place of a prompt where the vectors of an embedding (textual inversion) stand. */
export interface EmbeddingSegment {
  readonly embedding: string
  readonly weight: number
}

/** `embedding:` at the start of a segment or behind a space; its name ends at white space, commas before that are text. */
const pattern = /(?<=^|[ \n])embedding:(\S*[^\s,])/g

/** Takes the embeddings out of weighted segments, with ComfyUI's syntax. */
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

/** The file that an embedding of a name is looked for in, as documents name files. */
export function embeddingFile(name: string): string {
  return `embeddings/${name.endsWith('.safetensors') ? name : `${name}.safetensors`}`
}
