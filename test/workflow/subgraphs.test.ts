import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { outputTypes } from '#core/workflow/analyse.ts'
import { type InputValue, isLink, type Subgraph, type Workflow, type WorkflowNode } from '#core/workflow/document.ts'
import { parseWorkflow } from '#core/workflow/parse.ts'
import { printWorkflow } from '#core/workflow/print.ts'
import { validate } from '#core/workflow/validate.ts'
import { changed, errorOf, link, node, planOf, template, typed, withInputs, workflowOf } from './documents.ts'

const problems = (workflow: Workflow): string[] =>
  validate(typed(workflow)).map(({ node, input, code }) => `${node ?? ''}.${input ?? ''} ${code}`)

/** Text to image as a subgraph: the prompt comes from outside, the steps have a default. */
const draw: Subgraph = {
  name: 'Draw',
  inputs: { checkpoint: {}, clip: {}, words: { label: 'Words' }, steps: { default: 8 } },
  outputs: { latent: { link: ['sampler', 'latent'] } },
  nodes: {
    prompt: node('prompt', { clip: { input: 'clip' }, text: { input: 'words' } }),
    scheduler: node('lcm-scheduler', { steps: { input: 'steps' } }),
    latent: node('empty-latent', { width: 128, height: 128 }),
    sampler: node('sampler', {
      model: { input: 'checkpoint' },
      positive: link('prompt', 'conditioning'),
      latent: link('latent', 'latent'),
      scheduler: link('scheduler', 'scheduler'),
      seed: '7',
    }),
  },
}

/** Loads, draws through the subgraph above, and decodes. */
const page: Subgraph = {
  inputs: { file: {}, text: {} },
  outputs: { image: { link: ['decode', 'image'] } },
  nodes: {
    checkpoint: node('checkpoint', { file: { input: 'file' } }),
    draw: node('subgraph:draw', {
      checkpoint: link('checkpoint', 'model'),
      clip: link('checkpoint', 'clip'),
      words: { input: 'text' },
    }),
    decode: node('vae-decode', { vae: link('checkpoint', 'vae'), latent: link('draw', 'latent') }),
  },
}

const save = node('save-image', { image: link('page', 'image') })
const nested = (inputs: Record<string, InputValue>, more: Partial<WorkflowNode> = {}): Workflow =>
  workflowOf({ page: node('subgraph:page', inputs, more), save }, { draw, page })

const inputs = { file: 'm.safetensors', text: 'a fox' }

describe('subgraphs', () => {
  it('nested ones give the plan of the graph flattened by hand', () => {
    const byHand = workflowOf({
      checkpoint: node('checkpoint', { file: 'm.safetensors' }),
      prompt: node('prompt', { clip: link('checkpoint', 'clip'), text: 'a fox' }),
      scheduler: node('lcm-scheduler', { steps: 8 }),
      latent: node('empty-latent', { width: 128, height: 128 }),
      sampler: node('sampler', {
        model: link('checkpoint', 'model'),
        positive: link('prompt', 'conditioning'),
        latent: link('latent', 'latent'),
        scheduler: link('scheduler', 'scheduler'),
        seed: '7',
      }),
      decode: node('vae-decode', { vae: link('checkpoint', 'vae'), latent: link('sampler', 'latent') }),
      save: node('save-image', { image: link('decode', 'image') }),
    })
    expect(planOf(nested(inputs))).toEqual(planOf(byHand))
    const parsed = parseWorkflow(printWorkflow(nested(inputs)))
    expect(planOf(parsed)).toEqual(planOf(byHand))
    expect(Object.keys(parsed.subgraphs?.draw?.inputs ?? {})).toEqual(['checkpoint', 'clip', 'words', 'steps'])
  })

  it('any part of a workflow may be put into subgraphs of subgraphs without changing the plan', () => {
    const names = ['lcm-lora', 'style-and-lcm-lora', 'ddim-25']
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.array(fc.infiniteStream(fc.boolean()), { maxLength: 4 }),
        (name, choices) => {
          const flat = template(name)
          const deep = choices.reduce((workflow, chosen, level) => nest(workflow, `level${level}`, chosen), flat)
          expect(problems(deep)).toEqual([])
          expect(planOf(deep)).toEqual(planOf(flat))
        },
      ),
    )
  })

  it('tell the types of an instance, and the problems of what is inside', () => {
    expect(outputTypes(typed(nested(inputs))).get('page')).toEqual({
      image: { kind: 'image', width: 128, height: 128 },
    })
    expect(problems(nested({ text: 'a fox' }))).toEqual(['page.file missing-input'])
    expect(problems(nested({ ...inputs, text: 3 }))).toEqual(['page.text type'])
    expect(problems(nested({ ...inputs, words: 'x' }))).toEqual(['page.words not-found'])
    const broken: Subgraph = { ...draw, nodes: { ...draw.nodes, latent: node('empty-latent', { width: 7 }) } }
    expect(problems({ ...nested(inputs), subgraphs: { page, draw: broken } })).toEqual([
      'page--draw--latent.width range',
    ])
  })

  it('that hold each other are refused, in one sentence', () => {
    const loop: Subgraph = { ...draw, nodes: { ...draw.nodes, again: node('subgraph:page', {}) } }
    const workflow = { ...nested(inputs), subgraphs: { page, draw: loop } }
    expect(validate(typed(workflow))[0]?.message).toMatch(/^Subgraphs hold each other in a circle: /)
    expect(errorOf(() => planOf(workflow)).code).toMatch(/cycle|invalid/)
  })

  it('that multiply beyond all bounds are refused', () => {
    const doubling = Array.from({ length: 20 }, (_, level): [string, Subgraph] => {
      const inner = node(level === 0 ? 'prompt' : `subgraph:s${level - 1}`, {})
      return [`s${level}`, { inputs: {}, outputs: {}, nodes: { a: inner, b: inner, c: inner } }]
    })
    const bomb = workflowOf({ top: node('subgraph:s19', {}) }, Object.fromEntries(doubling))
    expect(errorOf(() => problems(bomb)).code).toBe('limit')
  })

  it('that are nested beyond all bounds are refused', () => {
    const levels = Array.from({ length: 5000 }, (_, level): [string, Subgraph] => [
      `s${level}`,
      { inputs: {}, outputs: {}, nodes: { a: node(level === 0 ? 'prompt' : `subgraph:s${level - 1}`, {}) } },
    ])
    const deep = workflowOf({ top: node('subgraph:s4999', {}) }, Object.fromEntries(levels))
    expect(errorOf(() => problems(deep))).toMatchObject({ code: 'limit', message: expect.stringContaining('64') })
  })

  it('whose joined ids meet another node are a problem', () => {
    const workflow = nested(inputs)
    const clash = { ...workflow, nodes: { ...workflow.nodes, 'page--decode': save } }
    expect(problems(clash)).toContain('page--decode. invalid')
  })
})

describe('bypass', () => {
  it('lets the first input of the type through', () => {
    const { lora, ...rest } = template('lcm-lora').nodes
    const bypassed = changed('lcm-lora', { lora: { ...(lora ?? node('lora', {})), state: 'bypass' } })
    const without = withInputs('lcm-lora', 'sampler', { model: link('checkpoint', 'model') })
    expect(Object.keys(rest)).not.toContain('lora')
    expect(planOf(bypassed)).toEqual(planOf(without))
    expect(outputTypes(typed(bypassed)).get('lora')?.model).toEqual({
      kind: 'model',
      family: 'unknown',
    })
  })

  it('says so where nothing can take the place of the output', () => {
    const [problem] = validate(typed(changed('lcm-lora', { decode: node('vae-decode', {}, { state: 'bypass' }) })))
    expect(problem).toMatchObject({
      code: 'missing-input',
      node: 'save',
      message:
        'Image of Save Image is not set: VAE Decode is bypassed, and no input of it can take the place of its output Image.',
    })
  })

  it('works on an instance as on a node', () => {
    const file: Subgraph = {
      inputs: { vae: {}, picture: {} },
      outputs: { image: { link: ['decode', 'image'] } },
      nodes: {
        encode: node('vae-encode', { vae: { input: 'vae' }, image: { input: 'picture' } }),
        decode: node('vae-decode', { vae: { input: 'vae' }, latent: link('encode', 'latent') }),
      },
    }
    const graph = (state: WorkflowNode['state'], image: string): Workflow =>
      workflowOf(
        {
          checkpoint: node('checkpoint', { file: 'm' }),
          load: node('load-image', { file: 'p.png' }),
          there: node('subgraph:file', { vae: link('checkpoint', 'vae'), picture: link('load', 'image') }, { state }),
          save: node('save-image', { image: link(image, 'image') }),
        },
        { file },
      )
    expect(planOf(graph('bypass', 'there'))).toEqual(planOf(graph('on', 'load')))
    expect(planOf(graph('on', 'there'))).not.toEqual(planOf(graph('on', 'load')))
  })

  it('of nodes that lead to each other ends', () => {
    const circle = changed('lcm-lora', {
      lora: node('lora', { model: link('b', 'model') }, { state: 'bypass' }),
      b: node('lora', { model: link('lora', 'model') }, { state: 'bypass' }),
    })
    expect(problems(circle)).toEqual(['sampler.model cycle'])
  })
})

describe('mute', () => {
  it('leaves out the node and what depends on it, problems included', () => {
    const other = {
      decode2: node(
        'vae-decode',
        { vae: link('checkpoint', 'vae'), latent: link('gone', 'latent') },
        { state: 'mute' },
      ),
      save2: node('save-image', { image: link('decode2', 'image'), prefix: 3 }),
    }
    const workflow = changed('lcm-lora', other)
    expect(planOf(workflow)).toEqual(planOf(template('lcm-lora')))
  })

  it('of an instance mutes what is inside', () => {
    expect(problems(nested(inputs, { state: 'mute' }))).toEqual(['. invalid'])
  })

  it('of the only effect leaves nothing to do, and says so', () => {
    const muted = changed('lcm-lora', {
      save: node('save-image', { image: link('decode', 'image') }, { state: 'mute' }),
    })
    expect(errorOf(() => planOf(muted))).toMatchObject({ code: 'invalid', hint: expect.stringContaining('Save Image') })
  })
})

/** Puts some nodes of a workflow into a subgraph; what they need from outside and some of their constants become its inputs. */
function nest(workflow: Workflow, id: string, stream: { next(): IteratorResult<boolean> }): Workflow {
  const choose = (): boolean => stream.next().value === true
  const inside = new Set(Object.keys(workflow.nodes).filter(choose))
  const ports: Record<string, InputValue> = {}
  const outputs: Subgraph['outputs'] = {}
  const inner: Record<string, WorkflowNode> = {}
  const outer: Record<string, WorkflowNode> = {}
  for (const [nodeId, old] of Object.entries(workflow.nodes)) {
    const isInside = inside.has(nodeId)
    const entries = Object.entries(old.inputs).map(([name, value]): [string, InputValue] => {
      const source = isLink(value) ? value.link : undefined
      const port = `${nodeId}-${name}`
      if (isInside && (source ? !inside.has(source[0]) : choose())) {
        ports[port] = value
        return [name, { input: port }]
      }
      if (isInside || !source || !inside.has(source[0])) return [name, value]
      const output = source.join('-')
      outputs[output] = { link: source }
      return [name, link(id, output)]
    })
    const target = isInside ? inner : outer
    target[nodeId] = { ...old, inputs: Object.fromEntries(entries) }
  }

  const definition: Subgraph = {
    inputs: Object.fromEntries(Object.keys(ports).map((port) => [port, {}])),
    outputs,
    nodes: inner,
  }
  return {
    ...workflow,
    nodes: { ...outer, [id]: node(`subgraph:${id}`, ports) },
    subgraphs: { ...workflow.subgraphs, [id]: definition },
  }
}
