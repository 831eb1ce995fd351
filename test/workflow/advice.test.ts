import { describe, expect, it } from 'vitest'
import { Plan } from '#core/plan/plan.ts'
import { isOp } from '#core/plan/step.ts'
import type { DetectedDistillation, Distilled } from '#core/types/distilled.ts'
import { factsOf } from '#core/types/facts.ts'
import { lowerWorkflow } from '#core/workflow/lower.ts'
import { advise } from '#core/workflow/validate.ts'
import { catalogue } from '#nodes/catalogue.ts'
import { changed, link, node, template, typed, withInputs } from './documents.ts'

type Confidence = DetectedDistillation['confidence']

const knowing = (distilled: Distilled, confidence: Confidence = 'certain') => {
  const distillation = { distilled, confidence, evidence: 'its name' } as const
  return factsOf(new Map([['lora:emoji-tiny-lcm-lora.safetensors', { kind: 'lora', family: 'sd1', distillation }]]))
}

const unetFact = {
  kind: 'unet',
  family: 'sd1',
  prediction: 'epsilon',
  guidanceEmbedding: false,
} as const
const checkpointFact = { ...unetFact, kind: 'checkpoint', hasModel: true, hasClip: true, hasVae: true } as const

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

  it('is given on a prefix with what looks like a pattern and is none', () => {
    const of = (prefix: string) =>
      advise(typed(withInputs('ddim-25', 'save', { prefix }))).map(({ message }) => message)
    expect(of('%date%/fox 100%')).toEqual([])
    expect(of('%KSampler.seed%')).toEqual(['%KSampler.seed% is no pattern, so file names contain it as it stands.'])
  })

  it('is silent about nodes that no effect needs', () => {
    const sampler = template('lcm-lora').nodes.sampler
    const workflow = changed('lcm-lora', { other: node('sampler', { ...sampler?.inputs, guidance: 9 }) })
    expect(advise(typed(workflow, facts))).toEqual([])
  })
})

describe('a file that hints at a method', () => {
  const facts = knowing({ method: 'lightning', steps: 2 }, 'likely')
  const asked = (inputs: Record<string, string> = {}, known = facts) =>
    advise(typed(withInputs('lcm-lora', 'lora', inputs), known)).map(
      ({ code, message, hint, node: at, input, answers }) => ({
        ...{ code, text: `${message} ${hint}`, at: `${at}.${input}`, answers },
      }),
    )

  it('is asked about, and the answer is a field of the document', () => {
    expect(asked()).toEqual([
      {
        code: 'unsure',
        text: 'emoji-tiny-lcm-lora.safetensors looks like Lightning: use its settings? Only its name says so. Set its distillation to Lightning, or to None.',
        at: 'lora.distillation',
        answers: ['lightning', 'none'],
      },
    ])
    for (const distillation of ['lightning', 'none', 'tcd']) expect(asked({ distillation })).toEqual([])
    expect(asked({}, knowing({ method: 'lcm' }))).toEqual([])
  })

  it.each<[distillation: string, found: string]>([
    ['auto', 'DPM++ 2M Karras, 20 steps'],
    ['none', 'DPM++ 2M Karras, 20 steps'],
    ['lightning', 'Lightning, 2 steps'],
    ['tcd', 'TCD, 4 steps'],
  ])('is drawn as the answer %s says: %s', (distillation, summary) => {
    const auto = node('auto-scheduler', { model: link('lora', 'model') })
    const base = changed('lcm-lora', { auto })
    const { lora } = base.nodes
    if (!lora) throw new Error('the template has no LoRA')
    lora.inputs.distillation = distillation
    expect(typed(base, facts).nodes.get('auto')?.outputs.scheduler).toEqual({ kind: 'scheduler', summary })
  })

  it.each([
    ['checkpoint', 'checkpoint', 'file'],
    ['unet-loader', 'unet', 'file'],
    ['lora', 'lora', 'file'],
    ['lora-stack', 'lora', 'file5'],
  ] as const)('is asked about by %s', (type, kind, input) => {
    const distillation = { distilled: { method: 'turbo' }, confidence: 'likely', evidence: 'its name' } as const
    const fact = { checkpoint: checkpointFact, unet: unetFact, lora: { kind: 'lora', family: 'sd1' } as const }[kind]
    const known = factsOf(new Map([[`${kind}:a.safetensors`, { ...fact, distillation }]]))
    const name = { kind: 'file', of: kind, name: 'a.safetensors' } as const
    const auto = { kind: 'choice', options: ['auto'] } as const
    const all = Object.keys(catalogue.get(type)?.inputs ?? {}).filter((each) => each.startsWith('distillation'))
    const inputs = { [input]: name, ...Object.fromEntries(all.map((each) => [each, auto])) }
    const advice = [catalogue.get(type)?.advise?.(inputs, known, {}) ?? []].flat()
    expect(advice.map((each) => each.input)).toEqual([input.replace('file', 'distillation')])
  })
})

it('an adapter of the text encoder alone asks for one', () => {
  const known = factsOf(
    new Map([['lora:emoji-tiny-lcm-lora.safetensors', { kind: 'lora', family: 'sd1', textOnly: true }]]),
  )
  const [advice] = advise(typed(withInputs('lcm-lora', 'lora', {}), known))
  expect(advice?.message).toContain('changes only the text encoder, and none is linked: it does nothing.')
  expect(advise(typed(withInputs('lcm-lora', 'lora', { clip: link('checkpoint', 'clip') }), known))).toEqual([])
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
