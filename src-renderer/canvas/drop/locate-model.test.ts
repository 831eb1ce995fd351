import { expect, it } from 'vitest'
import type { ModelFile } from '#core/protocol/routes.ts'
import { findModel } from './locate-model.ts'

const file = (name: string, bytes: number): ModelFile => ({
  id: name,
  name,
  folder: 'models',
  kind: 'lora',
  summary: '',
  bytes,
  modified: 0,
  hasPicture: false,
})

const models = [
  file('old/style.safetensors', 10),
  file('a/b/style.safetensors', 20),
  file('style.safetensors', 20),
  file('my-style.safetensors', 20),
]
const find = (name: string, bytes: number) =>
  findModel(models, { kind: 'model', is: 'an adapter (LoRA)', name, bytes })?.name

it('finds the file by its name without folders and its size', () => {
  expect(find('style.safetensors', 20)).toBe('style.safetensors')
  expect(find('Style.safetensors', 10)).toBe('old/style.safetensors')
  expect(find('style.safetensors', 30)).toBeUndefined()
  expect(find('tyle.safetensors', 20)).toBeUndefined()
})
