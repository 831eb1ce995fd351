import { describe, expect, it } from 'vitest'
import { Plan } from '#core/plan/plan.ts'
import { isOp, type Step } from '#core/plan/step.ts'
import type { InputValue, Subgraph, Workflow } from '#core/workflow/document.ts'
import { filesOf } from '#core/workflow/files.ts'
import { lowerWorkflow } from '#core/workflow/lower.ts'
import { validate } from '#core/workflow/validate.ts'
import { changed, errorOf, link, node, typed } from './documents.ts'

const gridOf = (inputs: Record<string, InputValue>): Workflow =>
  changed('lcm-lora', {
    grid: node('xy-grid', { image: link('decode', 'image'), ...inputs }),
    save: node('save-image', { image: link('grid', 'image') }),
  })

function lowered(workflow: Workflow): Plan {
  const plan = new Plan()
  lowerWorkflow(typed(workflow), plan, ['save'])
  return plan
}

/** The samplings of the cells, row by row. */
function cellsOf(plan: Plan): Step[] {
  const grid = plan.steps.find((step) => isOp(step, 'grid'))
  const cells: Step[] = []
  for (let at: Step | undefined = grid?.inputs.cells; at; at = at.inputs.first) {
    const sample = (at.inputs.second ?? at).inputs.image?.inputs.latent
    if (sample) cells.unshift(sample)
  }
  return cells
}

describe('the X/Y grid', () => {
  const both = gridOf({ x: 'sampler.seed', xValues: '1, 2\n3', y: 'lora.modelStrength', yValues: '0.5, 1' })

  it('draws each combination once, X from left to right, Y from top to bottom', () => {
    const plan = lowered(both)
    const cells = cellsOf(plan).map((step) => {
      const model = step.inputs.session?.inputs.of
      return [
        isOp(step, 'sample') && step.attributes.seed,
        model && isOp(model, 'apply-lora') && model.attributes.strength,
      ]
    })
    expect(cells).toEqual([
      ['1', 0.5],
      ['2', 0.5],
      ['3', 0.5],
      ['1', 1],
      ['2', 1],
      ['3', 1],
    ])
    const [grid] = plan.steps.filter((step) => isOp(step, 'grid'))
    expect(grid?.attributes).toEqual({
      columns: ['Sampler: Seed\n1', 'Sampler: Seed\n2', 'Sampler: Seed\n3'],
      rows: ['LCM-LoRA: Model strength\n0.5', 'LCM-LoRA: Model strength\n1'],
    })
  })

  it('shares what does not change: one prompt, one session for each model', () => {
    const plan = lowered(both)
    const count = (op: string) => plan.steps.filter((step) => step.op === op).length
    expect(count('encode-prompt')).toBe(1)
    expect(count('load-image')).toBe(0)
    const unets = plan.steps.filter((step) => isOp(step, 'session') && step.attributes.network === 'unet')
    // two strengths, and the template's own for the node that the grid hangs on
    expect(new Set(cellsOf(plan).map((step) => step.inputs.session)).size).toBe(2)
    expect(unets.length).toBeLessThanOrEqual(3)
  })

  const across = gridOf({ x: 'lora.modelStrength', xValues: '0.5, 1', y: 'sampler.seed', yValues: '1, 2' })
  const style: Subgraph = {
    inputs: { model: {}, amount: { default: 1 } },
    outputs: { model: { link: ['lora', 'model'] } },
    nodes: {
      lora: node('lora', { model: { input: 'model' }, file: 'a.safetensors', modelStrength: { input: 'amount' } }),
    },
  }
  const inSubgraph = gridOf({ x: 'sampler.seed', xValues: '1, 2', y: 'style.amount', yValues: '0.5, 1' })
  const { sampler } = inSubgraph.nodes
  it.each<[string, Workflow]>([
    ['a node', across],
    [
      'a field of the form',
      {
        ...gridOf({ x: 'sampler.seed', xValues: '1, 2', y: 'much', yValues: '0.5, 1' }),
        form: [{ name: 'much', input: ['lora', 'modelStrength'] }],
      },
    ],
    [
      'a subgraph',
      {
        ...inSubgraph,
        nodes: {
          ...inSubgraph.nodes,
          style: node('subgraph:style', { model: link('lora', 'model') }),
          ...(sampler && { sampler: { ...sampler, inputs: { ...sampler.inputs, model: link('style', 'model') } } }),
        },
        subgraphs: { style },
      },
    ],
  ])('draws the cells of a model one after the other, whichever axis changes it, by %s', (_, across) => {
    const cells = new Set(cellsOf(lowered(across)))
    const order = lowered(across)
      .steps.filter((step) => step.op === 'sample')
      .map((step) => step.inputs.session?.id)
    expect(cells.size).toBe(4)
    const changes = order.filter((session, at) => at > 0 && session !== order[at - 1]).length
    expect(changes).toBeLessThanOrEqual(2)
  })

  it('may have one axis, and reads quoted values with commas', () => {
    const plan = lowered(gridOf({ x: 'prompt.text', xValues: '"a fox, red", a dog' }))
    expect(plan.steps.flatMap((step) => (isOp(step, 'grid') ? [step.attributes] : []))).toEqual([
      { columns: ['Prompt: Text\na fox, red', 'Prompt: Text\na dog'], rows: [''] },
    ])
  })

  it('names the files of its cells, so that they are read beforehand', () => {
    const files = filesOf(typed(gridOf({ x: 'lora.file', xValues: 'one.safetensors, two.safetensors' })))
    expect(files).toContainEqual({ kind: 'lora', name: 'two.safetensors' })
  })

  it.each([
    [{ x: 'nobody.seed', xValues: '1' }, 'not-found', 'x'],
    [{ x: 'sampler.nothing', xValues: '1' }, 'not-found', 'x'],
    [{ x: 'sampler.seed', xValues: '1', y: 'sampler.guidance', yValues: '1, much' }, 'type', 'y'],
    [{ x: 'sampler.guidance', xValues: '1, 1000' }, 'range', 'x'],
  ])('refuses %j at its own input', (inputs, code, input) => {
    const found = validate(typed(gridOf(inputs)))
    expect(found.map((error) => [error.node, error.input, error.code])).toEqual([['grid', input, code]])
  })

  it('refuses more cells than anybody looks at', () => {
    const many = Array.from({ length: 20 }, (_, i) => i).join(',')
    const error = errorOf(() => lowered(gridOf({ x: 'sampler.seed', xValues: many, y: 'prompt.text', yValues: many })))
    expect(error).toMatchObject({ code: 'limit', node: 'grid' })
  })

  it('refuses before anything runs what would take too much memory', () => {
    const { nodes } = gridOf({ x: 'sampler.seed', xValues: Array.from({ length: 26 }, (_, i) => i).join() })
    const latent = node('empty-latent', { width: 2048, height: 2048 })
    const error = errorOf(() => lowered(changed('lcm-lora', { ...nodes, latent })))
    expect(error).toMatchObject({ code: 'limit', node: 'grid', input: 'image' })
  })

  it('counts the cells of a grid of grids', () => {
    const twenty = Array.from({ length: 20 }, (_, i) => i).join(',')
    const { nodes } = gridOf({ x: 'sampler.seed', xValues: twenty })
    const outer = node('xy-grid', { image: link('grid', 'image'), x: 'prompt.text', xValues: twenty })
    const workflow = changed('lcm-lora', {
      ...nodes,
      outer,
      save: node('save-image', { image: link('outer', 'image') }),
    })
    const error = errorOf(() => lowered(workflow))
    expect(error).toMatchObject({ code: 'limit', message: expect.stringContaining('400 pictures') })
  })

  it('says in which cell something is wrong', () => {
    const workflow = gridOf({ x: 'scheduler.originalSteps', xValues: '50, 2' })
    const error = errorOf(() => lowered(workflow))
    expect(error.message).toMatch(/^With LCM Scheduler: Original steps = 2: /)
  })
})
