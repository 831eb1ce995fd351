import { produce } from 'immer'
import { describe, expect, it } from 'vitest'
import type { Workflow } from '#core/workflow/document.ts'
import { stressDocument } from '#test/stress/stress-document.ts'
import { createLinks } from '../links/flow-links.ts'
import { createItems, type ItemSource } from './flow-items.ts'

const source = (workflow: Workflow, rest: Partial<ItemSource> = {}): ItemSource => ({
  workflow,
  graph: workflow,
  selection: new Set(),
  moving: undefined,
  measured: new Map(),
  shown: () => ({ more: false, result: undefined, problem: false }),
  ...rest,
})

const document: Workflow = {
  ...stressDocument(32),
  frames: [{ title: 'All', at: [-20, -60], size: [900, 600] }],
  notes: [{ text: 'Here', at: [0, 900] }],
}

/** Places of the items that are other objects than before. */
const changed = (before: readonly unknown[], after: readonly unknown[]): number[] =>
  after.flatMap((item, index) => (item === before[index] ? [] : [index]))

describe('createItems', () => {
  it('gives the same list for the same document', () => {
    const make = createItems()
    expect(make(source(document))).toBe(make(source(document)))
  })

  it('lists sources before the nodes that they feed, wherever nodes lie', () => {
    const link = (node: string): { link: [string, string] } => ({ link: [node, 'latent'] })
    const made = (at: number, inputs: Workflow['nodes'][string]['inputs'] = {}) => ({
      type: 'scale-latent',
      version: 1,
      at: [at, 0] satisfies [number, number],
      inputs,
    })
    const workflow: Workflow = {
      format: 'latent-loom',
      version: 1,
      nodes: {
        a: made(0, { latent: link('c') }),
        b: made(900),
        c: made(500, { latent: link('d'), mask: link('gone') }),
        d: made(100, { latent: link('b') }),
      },
      frames: [{ title: '', at: [0, 0], size: [10, 10] }],
    }
    expect(createItems()(source(workflow)).map(({ id }) => id)).toEqual(['frame:0', 'b', 'd', 'c', 'a'])
  })

  it('gives the same list when only a constant changes', () => {
    const make = createItems()
    const before = make(source(document))
    const typed = produce(document, (edited) => {
      const node = edited.nodes['prompt-3']
      if (node) node.inputs.text = 'another text'
    })
    expect(make(source(typed))).toBe(before)
  })

  it('makes only the moved items anew while they move, and takes their place from the drag', () => {
    const make = createItems()
    const before = make(source(document))
    const moving = new Map([['sampler-7', [5, 6] as const]])
    const after = make(source(document, { moving }))
    expect(changed(before, after)).toHaveLength(1)
    expect(after.find(({ id }) => id === 'sampler-7')).toMatchObject({ position: { x: 5, y: 6 }, dragging: true })
    expect(make(source(document)).map(({ position }) => position)).toEqual(before.map(({ position }) => position))
  })

  it('makes only what is selected anew', () => {
    const make = createItems()
    const before = make(source(document))
    const after = make(source(document, { selection: new Set(['sampler-7', 'note:0', 'frame:0']) }))
    expect(changed(before, after)).toHaveLength(3)
    expect(after.filter(({ selected }) => selected).map(({ id }) => id)).toEqual(['frame:0', 'sampler-7', 'note:0'])
  })

  it('gives a port to every end of every link', () => {
    const items = new Map(createItems()(source(document)).map((item) => [item.id, item]))
    const links = createLinks()({ workflow: document, graph: document, selected: undefined })
    expect(links.length).toBeGreaterThan(20)
    for (const { source: from, sourceHandle, target, targetHandle } of links) {
      expect(items.get(from)?.handles).toContainEqual(expect.objectContaining({ id: sourceHandle, type: 'source' }))
      expect(items.get(target)?.handles).toContainEqual(expect.objectContaining({ id: targetHandle, type: 'target' }))
    }
  })
})

describe('createLinks', () => {
  it('makes only the links anew that change', () => {
    const make = createLinks()
    const before = make({ workflow: document, graph: document, selected: undefined })
    expect(make({ workflow: document, graph: document, selected: undefined })).toBe(before)
    const end = { node: 'sampler-7', input: 'model' }
    const after = make({ workflow: document, graph: document, selected: end })
    expect(changed(before, after)).toHaveLength(1)
  })

  it('leaves out links from nodes that are not there', () => {
    const broken = produce(document, (edited) => {
      delete edited.nodes['checkpoint-0']
    })
    const links = createLinks()({ workflow: broken, graph: broken, selected: undefined })
    expect(links.some(({ source: from }) => from === 'checkpoint-0')).toBe(false)
  })
})
