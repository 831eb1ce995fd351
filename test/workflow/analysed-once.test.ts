import { afterEach, expect, it, vi } from 'vitest'
import { createStore } from 'zustand/vanilla'
import { flatten } from '#core/workflow/flatten.ts'
import { printWorkflow } from '#core/workflow/print.ts'
import { createEngine } from '#engine/create-engine.ts'
import { problemsToRun } from '#renderer/run/problems-to-run.ts'
import { createDocumentStore } from '#renderer/store/document-store.ts'
import { startInference } from '#renderer/store/infer.ts'
import { createInferenceStore } from '#renderer/store/inference.ts'
import type { LibraryState } from '#renderer/store/library.ts'
import { template } from './documents.ts'

vi.mock('#core/workflow/flatten.ts', async (original) => {
  const real = await original<typeof import('#core/workflow/flatten.ts')>()
  return { ...real, flatten: vi.fn(real.flatten) }
})

afterEach(() => void vi.mocked(flatten).mockClear())

const workflow = template('lcm-lora')

it('the page opens a document once for its types, its problems and its run', () => {
  const library = createStore<LibraryState>(() => ({ models: [], silent: [], facts: new Map() }))
  const tab = { document: createDocumentStore(workflow), inference: createInferenceStore() }
  startInference(tab, library, () => undefined)()
  problemsToRun(workflow, library.getState().facts)
  expect(flatten).toHaveBeenCalledTimes(1)
  problemsToRun(workflow, new Map([['lora:a', { kind: 'unknown' }]]))
  expect(flatten).toHaveBeenCalledTimes(1)
})

it('the engine opens a document once to check it, and once to run it', async () => {
  const engine = createEngine({ models: [] })
  const source = { document: printWorkflow(workflow), folders: [], overrides: [] }
  const { problems } = await engine.validate(source)
  expect(problems.length).toBeGreaterThan(0)
  expect(flatten).toHaveBeenCalledTimes(1)
  const options = { device: 'cpu', outputFolder: '', previews: false, verify: false } as const
  await expect(engine.run({ ...source, ...options }, () => undefined, new AbortController().signal)).rejects.toThrow()
  expect(flatten).toHaveBeenCalledTimes(2)
})
