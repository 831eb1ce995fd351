import { expect, it } from 'vitest'
import { parsePrompt } from './prompt.ts'
import { embeddingFiles, splitEmbeddings } from './prompt-embeddings.ts'

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

it('names the files that an embedding may have', () => {
  const files = ['embeddings/cat-toy.safetensors', 'embeddings/cat-toy.pt', 'embeddings/cat-toy.bin']
  expect(embeddingFiles('cat-toy')).toEqual(files)
  for (const whole of ['old/cat.safetensors', 'cat.pt', 'cat.bin']) {
    expect(embeddingFiles(whole)).toEqual([`embeddings/${whole}`])
  }
  expect(embeddingFiles('v1.5')).toHaveLength(3)
})
