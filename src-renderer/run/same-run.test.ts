import { describe, expect, it } from 'vitest'
import type { Workflow, WorkflowNode } from '#core/workflow/document.ts'
import { sameRun } from './same-run.ts'

const node = (inputs: WorkflowNode['inputs'] = {}): WorkflowNode => ({ type: 'prompt', version: 1, at: [0, 0], inputs })
const subgraph = (text: string) => ({ inputs: {}, outputs: {}, nodes: { inner: node({ text }) } })
const a = node({ text: 'fox' })
const b = node({ clip: { link: ['a', 'clip'] } })
const workflow: Workflow = {
  format: 'latent-loom',
  version: 1,
  nodes: { a, b },
  subgraphs: { s: subgraph('owl') },
}

describe('sameRun', () => {
  it.each<[string, Partial<Workflow>]>([
    ['the same', {}],
    ['a place', { nodes: { a: { ...a, at: [9, 9] }, b } }],
    ['a title', { nodes: { a: { ...a, title: 'Words' }, b } }],
    ['a folded node', { nodes: { a: { ...a, collapsed: true }, b } }],
    ['a state that says what holds anyway', { nodes: { a: { ...a, state: 'on' }, b } }],
    ['what becomes of a seed', { nodes: { a: { ...a, after: { seed: 'random' } }, b } }],
    ['the way of a line', { nodes: { a, b: node({ clip: { link: ['a', 'clip'], via: [[1, 2]] } }) } }],
    ['an equal input', { nodes: { a: node({ text: 'fox' }), b } }],
    ['a note', { notes: [{ text: 'Hello', at: [0, 0] }] }],
    ['a name', { name: 'Fox' }],
  ])('passes over %s', (_, change) => {
    expect(sameRun(workflow, { ...workflow, ...change })).toBe(true)
  })

  it.each<[string, Partial<Workflow>]>([
    ['a constant', { nodes: { a: node({ text: 'owl' }), b } }],
    ['a state', { nodes: { a: { ...a, state: 'mute' }, b } }],
    ['a type', { nodes: { a: { ...a, type: 'lora' }, b } }],
    ['a link', { nodes: { a, b: node({ clip: { link: ['a', 'other'] } }) } }],
    ['one node more', { nodes: { a, b, c: node() } }],
    ['one node less', { nodes: { a } }],
    ['another id', { nodes: { a, c: b } }],
    ['a subgraph that is gone', { subgraphs: {} }],
    ['a constant in a subgraph', { subgraphs: { s: subgraph('bear') } }],
  ])('sees %s', (_, change) => {
    expect(sameRun(workflow, { ...workflow, ...change })).toBe(false)
  })
})
