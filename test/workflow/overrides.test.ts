import { describe, expect, it } from 'vitest'
import type { Subgraph, Workflow } from '#core/workflow/document.ts'
import { applyOverrides } from '#core/workflow/overrides.ts'
import { catalogue } from '#nodes/catalogue.ts'
import { errorOf, link, node, template, workflowOf } from './documents.ts'

const document = template('lcm-lora')
const set = (name: string, value: string, workflow: Workflow = document): Workflow =>
  applyOverrides(workflow, catalogue, [{ name, value }])

describe('applyOverrides', () => {
  it.each([
    ['prompt', 'an owl', 'prompt', 'text', 'an owl'],
    ['seed', '18446744073709551615', 'sampler', 'seed', '18446744073709551615'],
    ['steps', '8', 'scheduler', 'steps', 8],
    ['sampler.guidance', '1.5', 'sampler', 'guidance', 1.5],
    ['latent.width', ' 512 ', 'latent', 'width', 512],
    ['scheduler.strengthMode', 'skip', 'scheduler', 'strengthMode', 'skip'],
    ['checkpoint.file', 'a=b.safetensors', 'checkpoint', 'file', 'a=b.safetensors'],
    ['prompt.text', '5', 'prompt', 'text', '5'],
  ])('%s=%s', (name, value, id, input, expected) => {
    expect(set(name, value).nodes[id]?.inputs[input]).toBe(expected)
    expect(document).toEqual(template('lcm-lora'))
  })

  it.each([
    [
      'nothing',
      'x',
      'not-found',
      'Set one of prompt, seed, steps, or node.input with one of the nodes checkpoint, decode',
    ],
    ['gone.text', 'x', 'not-found', 'checkpoint'],
    ['constructor.name', 'x', 'not-found', 'checkpoint'],
    ['sampler.cfg', '3', 'not-found', 'model, positive, negative, latent, scheduler, seed, guidance, strength'],
  ])('%s=%s lists what is there', (name, value, code, hint) => {
    expect(errorOf(() => set(name, value))).toMatchObject({ code, hint: expect.stringContaining(hint) })
  })

  it.each([
    ['steps', 'four', 'type', 'Steps is "four"; it needs a whole number from 1 to 1000.'],
    ['steps', '', 'type', 'Steps is ""'],
    ['steps', '4.5', 'range', 'Steps is 4.5'],
    ['steps', '0x10', 'type', 'Steps is "0x10"'],
    ['seed', '-1', 'range', 'Seed is "-1"; it has to be a seed from 0 to 2^64 - 1.'],
    ['latent.width', '130', 'range', 'Width is 130; it has to be a multiple of 8 from 64 to 8192.'],
    ['scheduler.strengthMode', 'cut', 'range', 'one of truncate, skip'],
    ['sampler.model', 'x', 'type', 'Model is "x"; it needs a model.'],
    ['sampler.guidance', 'NaN', 'type', 'Guidance scale is "NaN"'],
    ['sampler.guidance', '1e999', 'range', 'Guidance scale'],
  ])('%s=%s is refused with the limits', (name, value, code, message) => {
    const error = errorOf(() => set(name, value))
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) })
    expect(error.node).toBeDefined()
    expect(error.input).toBeDefined()
  })

  it('a link in the place of a constant is replaced', () => {
    const linked = {
      ...document.nodes,
      prompt: node('prompt', { clip: link('checkpoint', 'clip'), text: link('x', 'y') }),
    }
    expect(set('prompt', 'an owl', { ...document, nodes: linked }).nodes.prompt?.inputs.text).toBe('an owl')
  })

  it('the seed goes everywhere, also inside subgraphs, but not over links, and not over a seed that is set by name', () => {
    const twice: Subgraph = {
      inputs: { seed: {} },
      outputs: {},
      nodes: { one: node('sampler', { seed: 1 }), two: node('sampler', { seed: { input: 'seed' } }) },
    }
    const workflow = workflowOf(
      {
        a: node('sampler', {}),
        b: node('sampler', { seed: '5' }),
        c: node('sampler', { seed: link('x', 'y') }),
        d: node('subgraph:twice', {}),
      },
      { twice },
    )
    const { nodes, subgraphs } = applyOverrides(workflow, catalogue, [{ name: 'b.seed', value: '6' }], '0099')
    expect(nodes.a?.inputs.seed).toBe('99')
    expect(nodes.b?.inputs.seed).toBe('6')
    expect(nodes.c?.inputs.seed).toEqual(link('x', 'y'))
    expect(nodes.d?.inputs.seed).toBe('99')
    expect(subgraphs?.twice?.nodes.one?.inputs.seed).toBe('99')
    expect(subgraphs?.twice?.nodes.two?.inputs.seed).toEqual({ input: 'seed' })
  })

  it('a seed that is none, and a workflow without one, are errors', () => {
    expect(errorOf(() => applyOverrides(document, catalogue, [], 'x')).code).toBe('type')
    expect(errorOf(() => applyOverrides(workflowOf({}), catalogue, [], '1')).code).toBe('not-found')
  })
})
