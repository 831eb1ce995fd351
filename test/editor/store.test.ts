import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createStore } from 'zustand/vanilla'
import { type FileKnowledge, factKey, factsOf } from '#core/types/facts.ts'
import type { Workflow } from '#core/workflow/document.ts'
import type { NamedFile } from '#core/workflow/files.ts'
import { collapseToSubgraph } from '#renderer/commands/collapse.ts'
import { disconnect } from '#renderer/commands/links.ts'
import { addNode, moveItems, removeItems, renameNode, setInput } from '#renderer/commands/nodes.ts'
import { createDocumentStore } from '#renderer/store/document-store.ts'
import { commitTo, redoIn, undoIn } from '#renderer/store/history.ts'
import { inferTab, missingFacts, startInference } from '#renderer/store/infer.ts'
import { createInferenceStore } from '#renderer/store/inference.ts'
import type { LibraryState } from '#renderer/store/library.ts'
import { createViewStore } from '#renderer/store/view-store.ts'
import { changed, checkpointFact, link, node, template, workflowOf } from '#test/workflow/documents.ts'

const start = template('lcm-lora')

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('the document', () => {
  const steps = (workflow: Workflow, value: number, group?: string) =>
    setInput(workflow, undefined, 'scheduler', 'steps', value, group === undefined ? {} : { group })

  it('makes commands of one group one step, until a pause, another command, or the end of the group', () => {
    const store = createDocumentStore(start)
    const type = (value: number) => store.commit(steps(store.getState().workflow, value, 'steps'))
    type(5)
    type(6)
    expect(store.getState().past).toHaveLength(1)
    vi.advanceTimersByTime(2000)
    type(7)
    expect(store.getState().past).toHaveLength(2)
    store.endGroup()
    type(8)
    expect(store.getState().past).toHaveLength(3)
    store.undo()
    expect(store.getState().workflow.nodes.scheduler?.inputs.steps).toBe(7)
    type(9)
    expect(store.getState().past).toHaveLength(3)
    expect(store.getState().future).toEqual([])
  })

  it('leaves no step of what changes nothing', () => {
    const store = createDocumentStore(start)
    store.commit(steps(start, 4))
    store.commit(moveItems(start, undefined, new Map([['sampler', start.nodes.sampler?.at ?? [0, 0]]])))
    expect(store.getState().past).toEqual([])
    expect(store.getState().workflow).toBe(start)
  })

  it('is saved again when it is undone to what was saved', () => {
    const store = createDocumentStore(start, start)
    store.commit(steps(start, 5))
    expect(store.isUnsaved()).toBe(true)
    store.markSaved(store.getState().workflow)
    store.commit(steps(start, 6))
    store.undo()
    expect(store.isUnsaved()).toBe(false)
    store.undo()
    expect(store.isUnsaved()).toBe(true)
    store.redo()
    expect(store.isUnsaved()).toBe(false)
    expect(createDocumentStore(start).isUnsaved()).toBe(true)
  })

  it('forgets the oldest steps when they are many or hold much', () => {
    const many = createDocumentStore(start)
    for (let value = 0; value < 1100; value += 1) many.commit(steps(many.getState().workflow, value))
    expect(many.getState().past).toHaveLength(1000)
    const large = createDocumentStore(start)
    for (let value = 0; value < 100; value += 1) {
      large.commit(setInput(start, undefined, 'prompt', 'text', `${value}${'x'.repeat(2 ** 21)}`))
    }
    const held = large.getState().past.reduce((sum, { bytes }) => sum + bytes, 0)
    expect(held).toBeLessThan(2 ** 27)
    expect(large.getState().past.length).toBeGreaterThan(10)
  })
})

describe('history', () => {
  const tabOf = (workflow: Workflow) => ({ document: createDocumentStore(workflow), view: createViewStore() })

  it('selects what was selected', () => {
    const tab = tabOf(start)
    tab.view.setState({ selection: new Set(['lora']) })
    commitTo(tab, addNode(start, undefined, { type: 'prompt', at: [0, 0] }))
    expect([...tab.view.getState().selection]).toEqual(['prompt-2'])
    tab.view.setState({ selection: new Set(['save']) })
    commitTo(tab, removeItems(tab.document.getState().workflow, undefined, ['save']))
    expect([...tab.view.getState().selection]).toEqual([])
    undoIn(tab)
    expect([...tab.view.getState().selection]).toEqual(['save'])
    undoIn(tab)
    expect([...tab.view.getState().selection]).toEqual(['lora'])
    redoIn(tab)
    expect([...tab.view.getState().selection]).toEqual(['prompt-2'])
  })

  it('leaves a subgraph that is gone', () => {
    const tab = tabOf(start)
    commitTo(tab, collapseToSubgraph(start, undefined, ['sampler'], 'Part'))
    tab.view.setState({ trail: [{ instance: 'part', subgraph: 'part' }] })
    undoIn(tab)
    expect(tab.view.getState().trail).toEqual([])
  })
})

describe('inference', () => {
  const checkpoint: FileKnowledge = checkpointFact

  function started(workflow = start) {
    const tab = { document: createDocumentStore(workflow), inference: createInferenceStore() }
    const library = createStore<LibraryState>(() => ({ models: [], silent: [], facts: new Map() }))
    const asked: NamedFile[][] = []
    const stop = startInference(tab, library, (files) => asked.push([...files]))
    return { tab, library, asked, stop, state: () => tab.inference.getState() }
  }

  it('tells types and problems, by flat id', () => {
    const { outputs, problems } = inferTab(changed('lcm-lora', { save: node('save-image', {}) }), new Map())
    expect(outputs.get('decode')?.image).toEqual({ kind: 'image', width: 128, height: 128 })
    expect(problems.get('save')?.map(({ code }) => code)).toEqual(['missing-input'])
  })

  it('makes a problem of what cannot be thought about', () => {
    const levels = Array.from({ length: 100 }, (_, level) => [
      `s${level}`,
      { inputs: {}, outputs: {}, nodes: { a: node(level === 0 ? 'prompt' : `subgraph:s${level - 1}`, {}) } },
    ])
    const deep = workflowOf({ top: node('subgraph:s99', {}) }, Object.fromEntries(levels))
    expect(inferTab(deep, new Map()).problems.get('')?.[0]?.code).toBe('limit')
  })

  it('asks once for files of which nothing is known, and again when the library forgot', () => {
    const { tab, library, asked } = started()
    const files = [
      { kind: 'checkpoint', name: 'emoji-tiny.safetensors' },
      { kind: 'lora', name: 'emoji-tiny-lcm-lora.safetensors' },
    ]
    expect(asked).toEqual([files])
    expect(missingFacts(start, new Map())).toEqual(files)
    tab.document.commit(renameNode(start, undefined, 'save', 'Keep'))
    vi.runAllTimers()
    expect(asked).toHaveLength(1)
    library.setState({ facts: new Map([[factKey('checkpoint', 'emoji-tiny.safetensors'), checkpoint]]) })
    vi.runAllTimers()
    expect(asked).toHaveLength(1)
    library.setState({ facts: new Map() })
    vi.runAllTimers()
    expect(asked).toEqual([files, files])
  })

  it('follows the document and what is known of files', () => {
    const { tab, library, state } = started()
    library.setState({ facts: new Map([[factKey('checkpoint', 'emoji-tiny.safetensors'), checkpoint]]) })
    vi.runAllTimers()
    expect(state().outputs.get('lora')?.model).toEqual({
      kind: 'model',
      family: 'sd1',
      training: { prediction: 'epsilon' },
    })
    tab.document.commit(disconnect(start, undefined, [{ node: 'save', input: 'image' }]))
    expect(state().problems.size).toBe(0)
    vi.runAllTimers()
    expect(state().problems.get('save')?.[0]?.input).toBe('image')
    tab.document.undo()
    vi.runAllTimers()
    expect(state().problems.size).toBe(0)
  })

  it('keeps what comes out the same, and passes over what means nothing to types', () => {
    const broken = changed('lcm-lora', { extra: node('vae-decode', { latent: link('sampler', 'latent') }) })
    const { tab, state } = started(broken)
    const before = state()
    const heard = vi.fn()
    tab.inference.subscribe(heard)
    tab.document.commit(moveItems(broken, undefined, new Map([['sampler', [9, 9]]])))
    vi.runAllTimers()
    tab.document.commit(setInput(broken, undefined, 'prompt', 'text', 'another fox'))
    vi.runAllTimers()
    expect(heard).not.toHaveBeenCalled()
    tab.document.commit(setInput(broken, undefined, 'latent', 'width', 256))
    vi.runAllTimers()
    expect(heard).toHaveBeenCalledOnce()
    expect(state().outputs.get('decode')).not.toEqual(before.outputs.get('decode'))
    expect(state().outputs.get('lora')).toBe(before.outputs.get('lora'))
    expect(state().problems).toBe(before.problems)
    expect(before.problems.size).toBe(1)
  })

  it('ends', () => {
    const { tab, stop, state } = started()
    const before = state()
    tab.document.commit(removeItems(start, undefined, ['decode']))
    stop()
    vi.runAllTimers()
    expect(state()).toBe(before)
  })

  it('knows a file under the kind that it is used as', () => {
    const facts = factsOf(new Map([[factKey('checkpoint', 'a'), checkpoint]]))
    expect(facts.file('checkpoint', 'a')).toBe(checkpoint)
    expect(facts.file('lora', 'a')).toEqual({ kind: 'unknown' })
  })
})
