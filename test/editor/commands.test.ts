import { describe, expect, it } from 'vitest'
import type { InputValue, Subgraph, Workflow } from '#core/workflow/document.ts'
import { align, distribute } from '#renderer/commands/arrange.ts'
import { collapseToSubgraph } from '#renderer/commands/collapse.ts'
import { expandSubgraph } from '#renderer/commands/expand.ts'
import { fixesFor } from '#renderer/commands/fixes.ts'
import { addFormField, moveFormField, renameFormField } from '#renderer/commands/form.ts'
import { addFrame, itemsInFrame } from '#renderer/commands/frames.ts'
import { connect, insertOnLink, moveLink, setVia } from '#renderer/commands/links.ts'
import { fillWithFile } from '#renderer/commands/node-for-file.ts'
import { addNode, removeItems, setInput } from '#renderer/commands/nodes.ts'
import { replaceNode } from '#renderer/commands/replace.ts'
import type { Surroundings } from '#renderer/commands/surroundings.ts'
import { createDocumentStore } from '#renderer/store/document-store.ts'
import { frameKey, noteKey } from '#renderer/store/graph.ts'
import { inferTab } from '#renderer/store/infer.ts'
import type { PortRef } from '#renderer/store/ui.ts'
import { changed, link, node, template, withInputs, workflowOf } from '#test/workflow/documents.ts'
import { edited, meaningOf } from './edited.ts'

const start = template('lcm-lora')
const output = (node: string, port: string): PortRef => ({ node, port, side: 'output' })
const input = (node: string, port: string): PortRef => ({ node, port, side: 'input' })

describe('adding a node', () => {
  it('gives it a readable id, which it says', () => {
    const first = addNode(start, undefined, { type: 'vae-encode', at: [1, 2] })
    expect(first.select).toEqual(['vae-encode'])
    expect(first.label).toBe('Add VAE Encode')
    const second = addNode(start, undefined, { type: 'sampler', at: [1, 2] })
    expect(second.select).toEqual(['sampler-2'])
    expect(edited(start, () => second).nodes['sampler-2']).toEqual({
      type: 'sampler',
      version: 1,
      at: [1, 2],
      inputs: {},
    })
  })

  it('links it with the port that it was dragged from', () => {
    const from = output('checkpoint', 'clip')
    const prompt = edited(start, (now) => addNode(now, undefined, { type: 'prompt', at: [0, 0], from }))
    expect(prompt.nodes['prompt-2']?.inputs).toEqual({ clip: link('checkpoint', 'clip') })
    const to = input('sampler', 'negative')
    const other = edited(start, (now) => addNode(now, undefined, { type: 'prompt', at: [0, 0], from: to }))
    expect(other.nodes.sampler?.inputs.negative).toEqual(link('prompt-2', 'conditioning'))
  })

  it('inserts it into a link, and can be done twice', () => {
    const onLink = { node: 'sampler', input: 'model' }
    const command = addNode(start, undefined, { type: 'lora', at: [0, 0], onLink })
    const { nodes } = edited(start, () => command)
    expect(nodes['lora-2']?.inputs).toEqual({ model: link('lora', 'model') })
    expect(nodes.sampler?.inputs.model).toEqual(link('lora-2', 'model'))
    expect(edited(start, () => command).nodes).toEqual(nodes)
    const wrong = addNode(start, undefined, { type: 'save-image', at: [0, 0], onLink })
    expect(edited(start, () => wrong).nodes.sampler).toBe(start.nodes.sampler)
  })
})

describe('deleting', () => {
  it('takes links and fields of the form along', () => {
    const without = edited(start, (now) => removeItems(now, undefined, ['scheduler']))
    expect(without.nodes.sampler?.inputs).not.toHaveProperty('scheduler')
    expect(without.form?.map(({ name }) => name)).toEqual(['prompt', 'seed'])
  })

  it('lets through what nodes in a row let through', () => {
    const two = edited(
      start,
      (now) => addNode(now, undefined, { type: 'lora', at: [0, 0], onLink: { node: 'sampler', input: 'model' } }),
      (now) => removeItems(now, undefined, ['lora', 'lora-2'], { heal: true }),
    )
    expect(two.nodes.sampler?.inputs.model).toEqual(link('checkpoint', 'model'))
  })

  it('takes an output away from the subgraph, and the links from it', () => {
    const inner: Subgraph = {
      inputs: {},
      outputs: { image: { link: ['load', 'image'] } },
      nodes: { load: node('load-image', { file: 'a.png' }) },
    }
    const nodes = { part: node('subgraph:part', {}), save: node('save-image', { image: link('part', 'image') }) }
    const without = edited(workflowOf(nodes, { part: inner }), (now) => removeItems(now, 'part', ['load']))
    expect(without.subgraphs?.part?.outputs).toEqual({})
    expect(without.nodes.save?.inputs).toEqual({})
  })
})

describe('replacing a node', () => {
  it('keeps links and values that fit', () => {
    const steps = withInputs('lcm-lora', 'scheduler', { steps: 6, originalSteps: 100 })
    const replaced = edited(steps, (now) => replaceNode(now, undefined, 'scheduler', 'scheduler'))
    expect(replaced.nodes.scheduler).toMatchObject({ type: 'scheduler', inputs: { steps: 6 } })
    expect(replaced.nodes.scheduler?.inputs).not.toHaveProperty('originalSteps')
    expect(replaced.nodes.sampler?.inputs.scheduler).toEqual(link('scheduler', 'scheduler'))
    expect(inferTab(replaced, new Map()).problems.size).toBe(0)
  })

  it('finds other ports of the same type', () => {
    const image = edited(start, (now) => replaceNode(now, undefined, 'latent', 'vae-encode'))
    expect(image.nodes.sampler?.inputs.latent).toEqual(link('latent', 'latent'))
    const none = edited(start, (now) => replaceNode(now, undefined, 'latent', 'prompt'))
    expect(none.nodes.sampler?.inputs).not.toHaveProperty('latent')
  })
})

describe('links', () => {
  it('are made from either end, wrong ones too, and replace what was there', () => {
    const wrong = edited(start, (now) => connect(now, undefined, input('sampler', 'latent'), output('decode', 'image')))
    expect(wrong.nodes.sampler?.inputs.latent).toEqual(link('decode', 'image'))
    const label = connect(start, undefined, output('decode', 'image'), input('sampler', 'latent')).label
    expect(label).toBe('Link Image to Sampler')
  })

  it('that are there already stay as they run', () => {
    const routed = edited(start, (now) => setVia(now, undefined, { node: 'decode', input: 'vae' }, [[5, 6]]))
    expect(routed.nodes.decode?.inputs.vae).toEqual({ link: ['checkpoint', 'vae'], via: [[5, 6]] })
    const same = edited(routed, (now) => connect(now, undefined, output('checkpoint', 'vae'), input('decode', 'vae')))
    expect(same).toBe(routed)
    expect(edited(routed, (now) => setVia(now, undefined, { node: 'decode', input: 'vae' }, []))).toEqual(start)
  })

  it('move to another input and replace its own', () => {
    const moved = edited(start, (now) =>
      moveLink(now, undefined, { node: 'sampler', input: 'positive' }, { node: 'sampler', input: 'negative' }),
    )
    expect(moved.nodes.sampler?.inputs.negative).toEqual(link('prompt', 'conditioning'))
    expect(moved.nodes.sampler?.inputs).not.toHaveProperty('positive')
  })

  it('take a node that is there, unless it is an end of them', () => {
    const loose = changed('lcm-lora', { more: node('lora', { file: 'x.safetensors' }) })
    const inserted = edited(loose, (now) => insertOnLink(now, undefined, 'more', { node: 'lora', input: 'model' }))
    expect(inserted.nodes.more?.inputs.model).toEqual(link('checkpoint', 'model'))
    expect(inserted.nodes.lora?.inputs.model).toEqual(link('more', 'model'))
    expect(edited(loose, (now) => insertOnLink(now, undefined, 'lora', { node: 'lora', input: 'model' }))).toBe(loose)
  })
})

describe('a file', () => {
  const picture = { kind: 'image', name: 'new.png' } as const
  const loading = (inputs: Record<string, InputValue>) => workflowOf({ load: node('load-image', inputs) })
  const fileOf = (workflow: Workflow, id: string) =>
    edited(workflow, (now) => fillWithFile(now, undefined, id, picture) ?? { label: '', apply: () => undefined }).nodes[
      id
    ]?.inputs.file

  it('fills a node that loads its kind, empty or not', () => {
    expect(fileOf(loading({}), 'load')).toBe('new.png')
    expect(fileOf(loading({ file: 'old.png' }), 'load')).toBe('new.png')
    expect(fillWithFile(loading({}), undefined, 'load', picture)?.label).toBe('Change File')
  })

  it('fills an instance of a subgraph that takes one', () => {
    const inner: Subgraph = {
      inputs: { picture: {} },
      outputs: {},
      nodes: { load: node('load-image', { file: { input: 'picture' } }) },
    }
    const workflow = workflowOf({ part: node('subgraph:inner', {}) }, { inner })
    const filled = edited(
      workflow,
      (now) => fillWithFile(now, undefined, 'part', picture) ?? { label: '', apply: () => undefined },
    )
    expect(filled.nodes.part?.inputs).toEqual({ picture: 'new.png' })
  })

  it('fills no other node, and none whose input is linked', () => {
    for (const [workflow, id] of [
      [start, 'lora'],
      [start, 'sampler'],
      [start, 'frame:0'],
      [start, 'gone'],
      [loading({ file: link('other', 'file') }), 'load'],
    ] as const)
      expect(fillWithFile(workflow, undefined, id, picture)).toBeUndefined()
  })
})

describe('fixes', () => {
  const around = (workflow: Workflow): Surroundings => ({
    types: (id) => inferTab(workflow, new Map()).outputs.get(id),
    spotFor: (_, wanted) => wanted,
  })
  const fixes = (workflow: Workflow, node: string, input?: string) =>
    fixesFor(workflow, undefined, { node, input }, around(workflow))
  const problems = (workflow: Workflow) => [...inferTab(workflow, new Map()).problems.values()].flat()

  it('put the node between that makes a wrong link right, with what it needs', () => {
    const linked = withInputs('lcm-lora', 'sampler', { latent: link('load', 'image') })
    const wrong = { ...linked, nodes: { ...linked.nodes, load: node('load-image', { file: 'a.png' }) } }
    expect(problems(wrong)).toHaveLength(1)
    const [fix] = fixes(wrong, 'sampler', 'latent')
    expect(fix?.label).toBe('Put VAE Encode between them')
    const right = edited(wrong, () => fix?.command ?? { label: '', apply: () => undefined })
    expect(right.nodes['vae-encode']?.inputs).toEqual({ image: link('load', 'image'), vae: link('checkpoint', 'vae') })
    expect(problems(right)).toEqual([])
    expect(fixes(wrong, 'sampler', 'latent').map(({ label }) => label)).toEqual([
      'Put VAE Encode between them',
      'Put Inpaint between them',
      'Link Latent of Empty Latent',
      'Remove the link',
    ])
  })

  it('answer a question with a value that the document keeps', () => {
    const offered = fixesFor(
      start,
      undefined,
      { node: 'lora', input: 'distillation', answers: ['lightning', 'none'] },
      around(start),
    )
    expect(offered.map(({ label }) => label)).toEqual(['Lightning', 'None'])
    const [yes] = offered
    const answered = edited(start, () => yes?.command ?? { label: '', apply: () => undefined })
    expect(answered.nodes.lora?.inputs.distillation).toBe('lightning')
    expect(problems(answered)).toEqual([])
    const stronger = edited(answered, (now) => setInput(now, undefined, 'lora', 'modelStrength', 0.5))
    expect(stronger.nodes.lora?.inputs.distillation).toBe('lightning')
    // the answer was about that file
    const other = edited(answered, (now) => setInput(now, undefined, 'lora', 'file', 'other.safetensors'))
    expect(other.nodes.lora?.inputs).not.toHaveProperty('distillation')
  })

  it('set what another node sets', () => {
    const place = { node: 'sampler', input: 'latent', sourceAnswers: { width: 768, height: 512 } }
    const [fix, ...others] = fixesFor(start, undefined, place, around(start))
    expect(others).toEqual([])
    expect(fix?.label).toBe('Set Empty Latent to Width 768, Height 512')
    const set = edited(start, () => fix?.command ?? { label: '', apply: () => undefined })
    expect(set.nodes.latent?.inputs).toMatchObject({ width: 768, height: 512 })
    // a width that comes over a link is not the node's to set
    const fed = edited(start, () => ({
      label: '',
      apply: ({ nodes }) => void Object.assign(nodes.latent?.inputs ?? {}, { width: { link: ['lora', 'model'] } }),
    }))
    expect(fixesFor(fed, undefined, place, around(fed))).toEqual([])
    expect(fixesFor(start, undefined, { ...place, sourceAnswers: { side: 64 } }, around(start))).toEqual([])
  })

  it('give what an input lacks, each so that the problem is gone', () => {
    for (const [id, { inputs }] of Object.entries(start.nodes)) {
      for (const [name, value] of Object.entries(inputs)) {
        if (typeof value !== 'object') continue
        const open = edited(start, (now) => setInput(now, undefined, id, name, undefined))
        for (const { label, command } of fixes(open, id, name)) {
          const fixed = edited(open, () => command)
          expect(
            problems(fixed).filter(({ node, input }) => node === id && input === name),
            `${label} for ${name} of ${id}`,
          ).toEqual([])
          expect(problems(fixed).filter(({ code }) => code === 'cycle')).toEqual([])
        }
        expect(fixes(open, id, name), `${name} of ${id}`).not.toEqual([])
      }
    }
  })

  it('set a value that cannot be to its default, and remove a node that nobody knows', () => {
    const [reset] = fixes(withInputs('lcm-lora', 'latent', { width: 7 }), 'latent', 'width')
    expect(reset?.label).toBe('Set Width to 512')
    const odd = changed('lcm-lora', { odd: node('odd', {}) })
    const [remove] = fixes(odd, 'odd')
    expect(edited(odd, () => remove?.command ?? { label: '', apply: () => undefined })).toEqual(start)
  })
})

describe('arranging', () => {
  const boxes = workflowOf({
    a: node('prompt', {}, { at: [0, 0] }),
    b: node('prompt', {}, { at: [30, 50] }),
    c: node('prompt', {}, { at: [200, 10] }),
  })
  const sizes = new Map([
    ['a', { width: 20, height: 10 }],
    ['b', { width: 40, height: 10 }],
    ['c', { width: 20, height: 30 }],
  ])
  const places = ({ nodes }: Workflow) => Object.values(nodes).map(({ at }) => at)

  it('aligns edges and middles', () => {
    const keys = ['a', 'b', 'c']
    expect(places(edited(boxes, (now) => align(now, undefined, keys, 'right', sizes)))).toEqual([
      [200, 0],
      [180, 50],
      [200, 10],
    ])
    expect(places(edited(boxes, (now) => align(now, undefined, keys, 'middle', sizes)))).toEqual([
      [0, 25],
      [30, 25],
      [200, 15],
    ])
  })

  it('makes gaps equal', () => {
    const even = edited(boxes, (now) => distribute(now, undefined, ['a', 'b', 'c'], 'horizontal', sizes))
    expect(places(even)).toEqual([
      [0, 0],
      [90, 50],
      [200, 10],
    ])
  })

  it('frames items, and knows what lies in a frame', () => {
    const framed = edited(
      { ...boxes, notes: [{ text: 'far', at: [900, 900] }] },
      (now) => addFrame(now, undefined, ['a', 'b'], sizes),
      (now) => addFrame(now, undefined, ['a', 'b', 'c'], sizes),
    )
    expect(itemsInFrame(framed, 0, sizes)).toEqual(['a', 'b'])
    expect(itemsInFrame(framed, 1, sizes)).toEqual(['a', 'b', 'c', frameKey(0)])
    const far = edited(framed, (now) => addFrame(now, undefined, [noteKey(0)], sizes))
    expect(itemsInFrame(far, 2, sizes)).toEqual([noteKey(0)])
  })
})

describe('subgraphs', () => {
  it('get inputs from what comes in, one for each source, and from what the form names', () => {
    const part = edited(start, (now) => collapseToSubgraph(now, undefined, ['prompt', 'sampler', 'latent'], 'Draw it'))
    const definition = part.subgraphs?.['draw-it']
    expect(definition?.name).toBe('Draw it')
    expect(Object.keys(definition?.inputs ?? {}).sort()).toEqual(['clip', 'model', 'scheduler', 'seed', 'text'])
    expect(definition?.outputs).toEqual({ latent: { label: 'Latent', link: ['sampler', 'latent'] } })
    expect(part.nodes['draw-it']).toMatchObject({ inputs: { seed: '42' }, after: { seed: 'random' } })
    expect(part.form?.[1]).toEqual({ name: 'seed', input: ['draw-it', 'seed'] })
    expect(meaningOf(part)).toEqual(meaningOf(start))
  })

  it('are expanded to what they were made of', () => {
    const ids = ['prompt', 'sampler', 'latent']
    const back = edited(
      start,
      (now) => collapseToSubgraph(now, undefined, ids, 'Draw'),
      (now) => expandSubgraph(now, undefined, 'draw'),
    )
    // The subgraph gave way to the LoRA that it would have covered, and so does what it is expanded to.
    const moved = structuredClone(start)
    for (const [id, node] of Object.entries(moved.nodes)) {
      if (ids.includes(id)) node.at = [node.at[0] + 284, node.at[1]]
    }
    expect(back).toEqual(moved)
  })
})

describe('the form', () => {
  it('keeps its names apart', () => {
    const two = edited(
      start,
      (now) => addFormField(now, 'latent', 'width'),
      (now) => addFormField(now, 'latent', 'width'),
      (now) => renameFormField(now, 3, 'seed'),
      (now) => moveFormField(now, 3, 0),
    )
    expect(two.form?.map(({ name }) => name)).toEqual(['seed-2', 'prompt', 'seed', 'steps'])
  })
})

describe('every command', () => {
  it('of a level that is gone changes nothing', () => {
    const store = createDocumentStore(start)
    store.commit(addNode(start, 'gone', { type: 'prompt', at: [0, 0] }))
    store.commit(removeItems(start, 'gone', ['sampler']))
    store.commit(collapseToSubgraph(start, 'gone', ['sampler'], 'x'))
    expect(store.getState().past).toEqual([])
  })
})
