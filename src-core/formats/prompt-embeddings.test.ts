import { expect, it } from 'vitest'
import { parsePrompt } from './prompt.ts'
import { embeddingFile, splitEmbeddings } from './prompt-embeddings.ts'

const split = (text: string) => splitEmbeddings(parsePrompt(text))

it('takes embeddings out of the text, with their weights', () => {
  expect(split('a embedding:cat-toy, (in embedding:style/old:1.3) snow')).toEqual([
    { text: 'a ', weight: 1 },
    { embedding: 'cat-toy', weight: 1 },
    { text: ', ', weight: 1 },
    { text: 'in ', weight: 1.3 },
    { embedding: 'style/old', weight: 1.3 },
    { text: ' snow', weight: 1 },
  ])
  expect(split('embedding:a\nembedding:b.safetensors')).toEqual([
    { embedding: 'a', weight: 1 },
    { text: '\n', weight: 1 },
    { embedding: 'b.safetensors', weight: 1 },
  ])
})

it.each(['an-embedding:x', 'embedding: x', 'embedding:', 'embedding:,', 'word,embedding:x'])(
  'leaves %j as text',
  (text) => {
    expect(split(text)).toEqual([{ text, weight: 1 }])
  },
)

it('names the file by the name of the embedding', () => {
  expect(embeddingFile('cat-toy')).toBe('embeddings/cat-toy.safetensors')
  expect(embeddingFile('old/cat.safetensors')).toBe('embeddings/old/cat.safetensors')
})
