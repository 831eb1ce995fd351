import { describe, expect, it } from 'vitest'
import { optimisePlan } from '#core/plan/passes/optimise.ts'
import { StrengthHistory } from '#core/plan/passes/placement.ts'
import { Plan } from '#core/plan/plan.ts'
import type { Step } from '#core/plan/step.ts'
import { type FileKnowledge, factsOf } from '#core/types/facts.ts'
import { lowerWorkflow } from '#core/workflow/lower.ts'
import { parseWorkflow } from '#core/workflow/parse.ts'
import { validate } from '#core/workflow/validate.ts'
import { documentOf } from '../engine-runner.ts'
import { checkpointFact, typed } from './documents.ts'

type Inputs = Parameters<typeof documentOf>[0][string][1]

/** Draws with a model and a text encoder that come out of the node `last`. */
function drawing(loras: Readonly<Record<string, readonly [type: string, inputs: Inputs]>>, last: string): string {
  return documentOf({
    checkpoint: ['checkpoint', { file: 'tiny.safetensors' }],
    ...loras,
    prompt: ['prompt', { clip: `-> ${last}.clip`, text: 'a fox' }],
    scheduler: ['lcm-scheduler', {}],
    latent: ['empty-latent', {}],
    sampler: [
      'sampler',
      {
        model: `-> ${last}.model`,
        positive: '-> prompt.conditioning',
        latent: '-> latent.latent',
        scheduler: '-> scheduler.scheduler',
        seed: '1',
      },
    ],
    decode: ['vae-decode', { vae: '-> checkpoint.vae', latent: '-> sampler.latent' }],
    save: ['save-image', { image: '-> decode.image' }],
  })
}

const parts = (node: string) => ({ model: `-> ${node}.model`, clip: `-> ${node}.clip` })

const stack = (inputs: Inputs) => drawing({ stack: ['lora-stack', { ...parts('checkpoint'), ...inputs }] }, 'stack')

/** What a document's picture is made of, as text, whatever the order of the steps. */
function planOf(document: string): string {
  const plan = new Plan()
  lowerWorkflow(typed(parseWorkflow(document)), plan)
  const strengths = { mode: 'folded', canLive: () => true, history: new StrengthHistory() } as const
  const { plan: optimised } = optimisePlan(plan, {
    facts: { takesGuidance: () => false, zeroForNoText: () => false },
    strengths,
    verify: true,
  })
  const text = ({ op, attributes, inputs }: Step): unknown => [op, attributes, Object.values(inputs).map(text)]
  return JSON.stringify(optimised.effects.map(text))
}

describe('a LoRA stack', () => {
  it('is the plan of LoRA nodes in a row', () => {
    const chain = drawing(
      {
        one: ['lora', { ...parts('checkpoint'), file: 'b', modelStrength: 0.5, clipStrength: 0.25 }],
        two: ['lora', { ...parts('one'), file: 'a' }],
      },
      'two',
    )
    const stacked = stack({ file2: 'a', file5: 'b', strength5: 0.5, clipStrength5: 0.25 })
    expect(planOf(stacked)).toBe(planOf(chain))
    expect(planOf(stacked)).toContain('"strength":0.25')
  })

  it('does nothing where a row has no file or the strength 0', () => {
    const plain = planOf(drawing({}, 'checkpoint'))
    expect(planOf(stack({}))).toBe(plain)
    expect(planOf(stack({ strength1: 2, file3: 'a', strength3: 0, clipStrength3: 0 }))).toBe(plain)
  })

  it('needs no file, and refuses one of another family at its row', () => {
    expect(validate(typed(parseWorkflow(stack({}))))).toEqual([])
    const facts = factsOf(
      new Map<string, FileKnowledge>([
        ['lora:xl', { kind: 'lora', family: 'sdxl' }],
        ['checkpoint:tiny.safetensors', checkpointFact],
      ]),
    )
    expect(validate(typed(parseWorkflow(stack({ file2: 'xl' })), facts))).toMatchObject([
      { code: 'mismatch', node: 'stack', input: 'file2' },
    ])
  })
})
