import { LoomError } from '#core/errors.ts'
import { type PromptSegment, parsePrompt } from '#core/formats/prompt.ts'
import { parseA1111Prompt } from '#core/formats/prompt-a1111.ts'
import { embeddingFiles, splitEmbeddings } from '#core/formats/prompt-embeddings.ts'
import type { Emphasis } from '#core/plan/conditioning-edit.ts'
import type { StepAttributes } from '#core/plan/ops.ts'
import type { Tower } from '../models/networks/text-encoder.ts'
import type { Feed } from '../runtime/session.ts'
import { zeros } from '../tensor/float-tensor.ts'
import { chunkLength, chunkPrompt, type PromptChunks } from '../text/chunks.ts'
import { readEmbedding } from '../text/embeddings.ts'
import { ClipTokenizer } from '../text/tokenizer.ts'
import type { Columns } from '../text/weighting.ts'
import type { StepContext } from './context.ts'

type Prompt = StepAttributes['encode-prompt']

/** Maximum number of chunks of 75 tokens in a prompt. The cost of attention grows with it. */
const chunkLimit = 64

let tokenizer: Promise<ClipTokenizer> | undefined

const parsers: Record<Emphasis, typeof parsePrompt> = { comfy: parsePrompt, a1111: parseA1111Prompt }

/** The files that a prompt's embeddings may have, named as in the document. */
export function promptFiles({ text, text2 = text, emphasis = 'comfy' }: Prompt): readonly string[] {
  const segments = [...new Set([text, text2])].flatMap((each) => splitEmbeddings(parsers[emphasis](each)))
  return segments.flatMap((segment) => ('embedding' in segment ? embeddingFiles(segment.embedding) : []))
}

/** The chunks of one tower, and its place in the context. */
export interface Reading {
  readonly tower: Tower
  readonly chunks: PromptChunks
  readonly columns: Columns
}

/**
 * Splits a prompt into chunks for each tower, the same number for all. Warns of embeddings that cannot be loaded.
 * @throws LoomError `limit` for a prompt that is too long
 */
export async function readPrompt(
  context: StepContext,
  towers: readonly Tower[],
  { text, text2 = text, emphasis = 'comfy' }: Prompt,
): Promise<readonly Reading[]> {
  tokenizer ??= ClipTokenizer.load()
  const encoder = await tokenizer
  const width = towers.reduce((sum, { config }) => sum + config.width, 0)
  const texts = await Promise.all(
    towers.map((tower) => withVectors(context, tower, parsers[emphasis](tower.suffix === '2' ? text2 : text))),
  )
  const chunked = (tower: Tower, index: number, least: number) =>
    chunkPrompt(texts[index] ?? [], encoder, { padToken: tower.config.padToken, least })
  const least = Math.max(...towers.map((tower, index) => chunked(tower, index, 1).count))
  if (least > chunkLimit) {
    throw new LoomError('limit', `The prompt has ${least} chunks of 75 tokens; ${chunkLimit} is the most.`, {
      input: 'text',
      hint: 'Shorten the prompt.',
    })
  }
  let start = 0
  return towers.map((tower, index) => {
    const columns = { start, end: start + tower.config.width, width }
    start = columns.end
    return { tower, chunks: chunked(tower, index, least), columns }
  })
}

/** The segments with the vectors of their embeddings. An embedding that cannot be loaded is omitted with a warning. */
async function withVectors({ emit, resolve }: StepContext, tower: Tower, segments: readonly PromptSegment[]) {
  const results = splitEmbeddings(segments).map(async (segment) => {
    if (!('embedding' in segment)) return [segment]
    const { embedding, weight } = segment
    try {
      const path = await firstOf(embeddingFiles(embedding), resolve)
      return [
        { vectors: await readEmbedding(path, tower.suffix === '2' ? 'clip2' : 'clip', tower.config.width), weight },
      ]
    } catch (error) {
      if (!(error instanceof LoomError)) throw error
      const { code, message, hint } = error
      const said = `The embedding ${embedding} is left out of the prompt: ${message}`
      emit({ type: 'warning', error: { code, message: said, input: 'text', ...(hint !== undefined && { hint }) } })
      return []
    }
  })
  return (await Promise.all(results)).flat()
}

/**
 * The path of the first file that is there.
 * @throws LoomError that of the first name if none is
 */
async function firstOf(names: readonly string[], resolve: StepContext['resolve']): Promise<string> {
  const results = await Promise.allSettled(names.map(resolve))
  const [first] = results
  for (const result of results) if (result.status === 'fulfilled') return result.value
  throw first?.status === 'rejected' ? first.reason : new LoomError('internal', 'An embedding has no file name.')
}

/** The inputs of the towers' session. */
export function feedsOf(readings: readonly Reading[]): Record<string, Feed> {
  return Object.assign(
    {},
    ...readings.map(({ tower: { suffix, config }, chunks }) => {
      const { count, ids } = chunks
      const vectors = zeros([count, chunkLength, config.width])
      const plain = zeros([count, chunkLength, 1])
      plain.data.fill(1)
      for (const [place, row] of chunks.vectors) {
        vectors.data.set(row, place * config.width)
        plain.data[place] = 0
      }
      const tokens = { data: BigInt64Array.from(ids, BigInt), shape: [count, chunkLength] }
      return { [`tokens${suffix}`]: tokens, [`vectors${suffix}`]: vectors, [`plain${suffix}`]: plain }
    }),
  )
}
