import { expect, it } from 'vitest'
import type { Workflow } from '#core/workflow/document.ts'
import { createDocumentStore } from './document-store.ts'
import { createInferenceStore } from './inference.ts'
import { enterSubgraph, leaveSubgraph } from './levels.ts'
import { createRunStore } from './run-store.ts'
import { createViewStore } from './view-store.ts'
import type { Tab } from './workspace.ts'

const instance = (of: string) => ({ type: `subgraph:${of}`, version: 1, at: [0, 0] as [number, number], inputs: {} })

const workflow: Workflow = {
  format: 'latent-loom',
  version: 1,
  nodes: { first: instance('outer'), plain: { ...instance(''), type: 'note' }, loop: instance('loop') },
  subgraphs: {
    outer: { inputs: {}, outputs: {}, nodes: { second: instance('inner') } },
    inner: { inputs: {}, outputs: {}, nodes: {} },
    loop: { inputs: {}, outputs: {}, nodes: { again: instance('loop') } },
  },
}

const tab = (): Tab => ({
  id: 'tab',
  document: createDocumentStore(workflow),
  view: createViewStore(),
  run: createRunStore(),
  inference: createInferenceStore(),
})

it('enters instances one by one and leaves them again, the one that was left selected', () => {
  const there = tab()
  const { view } = there
  enterSubgraph(there, 'first')
  enterSubgraph(there, 'second')
  expect(view.getState().trail).toEqual([
    { instance: 'first', subgraph: 'outer' },
    { instance: 'second', subgraph: 'inner' },
  ])
  leaveSubgraph(there)
  expect(view.getState().trail).toHaveLength(1)
  expect([...view.getState().selection]).toEqual(['second'])
  enterSubgraph(there, 'second')
  leaveSubgraph(there, 0)
  expect(view.getState().trail).toEqual([])
  expect([...view.getState().selection]).toEqual(['first'])
  leaveSubgraph(there)
  expect(view.getState().trail).toEqual([])
})

it('stays where it is for what is no subgraph that can be opened', () => {
  const there = tab()
  for (const id of ['plain', 'loop', 'gone', 'second', 'constructor']) enterSubgraph(there, id)
  expect(there.view.getState().trail).toEqual([])
})
