import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openAdapter } from '#engine/adapters/open.ts'
import { inspectFile } from '#engine/inspect.ts'
import { readEmbedding } from '#engine/text/embeddings.ts'

const cases = resolve('../shared/cases')
const model = fileURLToPath(new URL('../../../resources/models/emoji-tiny.safetensors', import.meta.url))

/** Files that the tools wrote for the layout of the embedded model: kinds, and how many modules fit it. */
const files: readonly (readonly [file: string, kinds: string, modules: number])[] = [
  ['real-tools/lycoris-diag-oft.safetensors', 'oft', 277],
  ['real-tools/lycoris-ia3.safetensors', 'ia3', 277],
  ['real-tools/peft-adalora/adapter_model.safetensors', 'adalora, lora', 128],
  ['real-tools/peft-ia3/adapter_model.safetensors', 'ia3', 80],
  ['real-tools/peft-oft/adapter_model.safetensors', 'oft', 128],
  ['real-tools/peft-text-encoder/adapter_model.safetensors', 'lora', 16],
  ['lora-dtypes/right.safetensors', 'lora', 1],
  ['lora-dtypes/alpha-i64.safetensors', 'lora', 1],
]

describe.skipIf(!existsSync(cases))('adapters of every tool, as the tools wrote them', () => {
  it.each(files)('%s', async (file, kinds, modules) => {
    const { adapter, problem } = await inspectFile(resolve(cases, file), model)
    expect(problem).toBeUndefined()
    expect(adapter?.kinds.toSorted().join(', ')).toBe(kinds)
    expect(adapter?.fit).toMatchObject({ fits: true, matched: modules, total: modules, unmatched: [] })
    expect(adapter).not.toHaveProperty('assumed')
  })

  it('AdaLoRA divides by the rank that it began with', async () => {
    const { modules } = await openAdapter(resolve(cases, 'real-tools/peft-adalora/adapter_model.safetensors'))
    expect(new Set(modules.map(({ change }) => change.scale))).toEqual(new Set([8 / (12 + 1e-5)]))
  })

  it.each(['e-f64', 'e-3d'])('the embedding %s is that in float32', async (name) => {
    const read = (each: string) =>
      readEmbedding(resolve(cases, `embedding-dtypes/embeddings/${each}.safetensors`), 'clip', 128)
    expect(await read(name)).toEqual(await read('e-f32'))
  })
})
