import { describe, expect, it } from 'vitest'
import { Plan } from '#core/plan/plan.ts'
import { isOp } from '#core/plan/step.ts'
import type { Distilled } from '#core/types/distilled.ts'
import { factsOf } from '#core/types/facts.ts'
import { lowerWorkflow } from '#core/workflow/lower.ts'
import { advise } from '#core/workflow/validate.ts'
import { changed, link, node, template, typed, withInputs } from './documents.ts'

const knowing = (distilled: Distilled) =>
  factsOf(new Map([['lora:emoji-tiny-lcm-lora.safetensors', { kind: 'lora', family: 'sd1', distilled }]]))

describe('advice', () => {
  const facts = knowing({ method: 'lcm' })
  const advice = (guidance: number) =>
    advise(typed(withInputs('lcm-lora', 'sampler', { guidance }), facts)).map(
      ({ message, hint, node: at, input }) => `${at}.${input}: ${message} ${hint}`,
    )

  it('is given where the guidance burns a distilled model', () => {
    expect(advice(2)).toEqual([])
    expect(advice(2.5)).toEqual([
      'sampler.guidance: The guidance scale is 2.5, but models distilled with LCM burn above 2. Set it to 1.',
    ])
  })

  it('is not given for a model as it comes, nor for one that takes guidance', () => {
    expect(advise(typed(withInputs('ddim-25', 'sampler', { guidance: 9 }), facts))).toEqual([])
    const guided = knowing({ method: 'lcm', guided: true })
    expect(advise(typed(withInputs('lcm-lora', 'sampler', { guidance: 8 }), guided))).toEqual([])
  })

  it('counts an adapter only where it is strong', () => {
    const weak = withInputs('lcm-lora', 'lora', { modelStrength: 0.1 })
    const { sampler } = weak.nodes
    if (!sampler) throw new Error('the template has no sampler')
    sampler.inputs.guidance = 7
    expect(advise(typed(weak, facts))).toEqual([])
  })

  it('is silent about nodes that no effect needs', () => {
    const sampler = template('lcm-lora').nodes.sampler
    const workflow = changed('lcm-lora', { other: node('sampler', { ...sampler?.inputs, guidance: 9 }) })
    expect(advise(typed(workflow, facts))).toEqual([])
  })
})

describe('the Auto Scheduler', () => {
  it.each<[Distilled, string, number]>([
    [{ method: 'lcm' }, 'lcm', 1],
    [{ method: 'lightning', steps: 2 }, 'euler', 1],
    [{ method: 'lcm', guided: true }, 'lcm', 8],
  ])('draws as %j wants it', (distilled, solver, guidance) => {
    const auto = node('auto-scheduler', { model: link('lora', 'model') })
    const base = changed('lcm-lora', { auto })
    const { sampler } = base.nodes
    if (!sampler) throw new Error('the template has no sampler')
    sampler.inputs.scheduler = link('auto', 'scheduler')
    sampler.inputs.guidance = link('auto', 'guidance')
    const plan = new Plan()
    lowerWorkflow(typed(base, knowing(distilled)), plan)
    const sample = plan.steps.find((step) => isOp(step, 'sample'))
    const scheduler = sample?.inputs.scheduler
    expect(sample?.attributes).toMatchObject({ guidance })
    expect(scheduler && isOp(scheduler, 'scheduler') && scheduler.attributes.spec.kind).toBe(solver)
    expect(advise(typed(base, knowing(distilled)))).toEqual([])
  })
})
