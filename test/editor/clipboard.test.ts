import { describe, expect, it } from 'vitest'
import type { Subgraph } from '#core/workflow/document.ts'
import { copyItems, duplicate, paste } from '#renderer/commands/clipboard.ts'
import { renameSubgraph } from '#renderer/commands/subgraphs.ts'
import { parseFragment } from '#renderer/workspace/read-document.ts'
import { link, node, template, templateText, workflowOf } from '#test/workflow/documents.ts'
import { edited } from './edited.ts'

const start = template('lcm-lora')
const pasted = (text: string, into = start, options = {}) => {
  const fragment = parseFragment(text)
  if (!fragment) throw new Error('no fragment')
  return edited(into, (now) => paste(now, undefined, fragment, [1000, 1000], options))
}

describe('the clipboard', () => {
  it('carries links inside, and those from outside if asked', () => {
    const text = copyItems(start, undefined, ['sampler', 'decode'])
    const { nodes } = pasted(text)
    expect(nodes['decode-2']?.inputs).toEqual({ latent: link('sampler-2', 'latent') })
    expect(nodes['sampler-2']).toMatchObject({ at: [1000, 1000], inputs: { seed: '42' }, after: { seed: 'random' } })
    const kept = pasted(text, start, { keepLinks: true }).nodes
    expect(kept['decode-2']?.inputs).toEqual({ latent: link('sampler-2', 'latent'), vae: link('checkpoint', 'vae') })
    expect(pasted(text, workflowOf({}), { keepLinks: true }).nodes.decode?.inputs).toEqual({
      latent: link('sampler', 'latent'),
    })
  })

  it('puts nothing exactly onto what is there', () => {
    const text = copyItems(start, undefined, ['sampler'])
    const twice = pasted(text, pasted(text))
    expect(twice.nodes['sampler-3']?.at).not.toEqual(twice.nodes['sampler-2']?.at)
  })

  it('brings the subgraphs along, under another id if the document has another of that name', () => {
    const inner: Subgraph = { name: 'Inner', inputs: {}, outputs: {}, nodes: { save: node('save-image', {}) } }
    const outer: Subgraph = { inputs: {}, outputs: {}, nodes: { a: node('subgraph:inner', {}) } }
    const workflow = workflowOf({ part: node('subgraph:outer', {}) }, { inner, outer })
    const text = copyItems(workflow, undefined, ['part'])
    expect(pasted(text, workflowOf({})).subgraphs).toEqual({ inner, outer })
    expect(Object.keys(pasted(text, workflow).subgraphs ?? {})).toEqual(['inner', 'outer'])
    const changed = edited(workflow, (now) => renameSubgraph(now, 'inner', 'Other'))
    const both = pasted(text, changed)
    expect(both.subgraphs?.inner?.name).toBe('Other')
    expect(both.subgraphs?.['inner-2']?.name).toBe('Inner')
  })

  it('takes a whole document, and nothing else', () => {
    expect(Object.keys(parseFragment(templateText('lcm-lora'))?.nodes ?? {})).toHaveLength(8)
    const empty = { format: 'latent-loom-fragment', version: 1, nodes: {} }
    expect(parseFragment(JSON.stringify(empty))).toBeDefined()
    for (const text of [
      '',
      'a fox',
      '{',
      '{}',
      '[1]',
      'null',
      JSON.stringify({ ...empty, version: 2 }),
      JSON.stringify({ ...empty, more: 1 }),
      JSON.stringify({ ...empty, nodes: { 'Not an id': node('prompt', {}) } }),
      JSON.stringify({ ...empty, nodes: { a: { type: 'prompt' } } }),
      '{"format":"latent-loom-fragment","version":1,"nodes":{"__proto__":{"type":"x"}}}',
      `{"a":${'['.repeat(5000)}`,
    ]) {
      expect(parseFragment(text), text.slice(0, 80)).toBeUndefined()
    }
  })

  it('refuses more nodes than a document may have', () => {
    const many = Object.fromEntries(Array.from({ length: 30_000 }, (_, index) => [`n${index}`, node('prompt', {})]))
    const workflow = workflowOf(many)
    expect(() => paste(workflow, undefined, workflow, [0, 0])).toThrow('more than 50000 nodes')
  })

  it('duplicates with what comes in', () => {
    const twice = edited(start, (now) => duplicate(now, undefined, ['decode']))
    expect(twice.nodes['decode-2']?.inputs).toEqual(start.nodes.decode?.inputs)
    expect(twice.nodes['decode-2']?.at).not.toEqual(start.nodes.decode?.at)
  })
})
