import { describe, expect, it } from 'vitest'
import { encodePrompt, sampleLatent, vaeDecode } from './composites.ts'
import { rewritePlan } from './passes/rewrite.ts'
import { planRewrites } from './passes/rewrites.ts'
import { Plan } from './plan.ts'
import { printPlan } from './print.ts'
import { provenanceOf } from './provenance.ts'
import { schedulerDefaults } from './scheduler.ts'
import type { Step } from './step.ts'

const facts = { takesGuidance: () => false, zeroForNoText: (file: string) => file === 'sdxl.safetensors' }
const rewrite = (plan: Plan) => rewritePlan(plan, planRewrites(facts), { verify: true })

/** A plan that draws from a conditioning. */
function drawing(file: string, positive: (plan: Plan, clip: Step<'clip'>) => Step<'conditioning'>): Plan {
  const plan = new Plan()
  const clip = plan.step('text-encoder', {}, { file, skip: 1 })
  const latent = sampleLatent(
    plan,
    {
      model: plan.step('unet', {}, { file, prediction: 'auto' }),
      positive: positive(plan, clip),
      latent: plan.step('empty-latent', {}, { width: 64, height: 64, batch: 1 }),
      scheduler: plan.step('scheduler', {}, { spec: schedulerDefaults.lcm }),
    },
    { seed: '42', guidance: 4, strength: 1 },
  )
  plan.step('save-image', { image: vaeDecode(plan, plan.step('vae', {}, { file }), latent) }, { prefix: 'fox' })
  return plan
}

const provenance = (plan: Plan) => plan.effects.map(provenanceOf)[0]

const composed = (plan: Plan, clip: Step<'clip'>) =>
  plan.step(
    'edit-conditioning',
    {
      conditioning: plan.step(
        'combine-conditionings',
        { first: encodePrompt(plan, clip, { text: 'a fox' }), second: encodePrompt(plan, clip, { text: 'snow' }) },
        { how: { kind: 'combine' } },
      ),
    },
    { edit: { kind: 'range', start: 0, end: 0.5 } },
  )

describe('prompts of a plan', () => {
  it('are one step where only what is usual is said', () => {
    const plan = new Plan()
    const clip = plan.step('text-encoder', {}, { file: 'sd1.safetensors', skip: 1 })
    const prompt = encodePrompt(plan, clip, { text: 'a fox' })
    expect(encodePrompt(plan, clip, { text: 'a fox', text2: 'a fox', emphasis: 'comfy' })).toBe(prompt)
    expect(encodePrompt(plan, clip, { text: 'a fox', emphasis: 'a1111' })).not.toBe(prompt)
  })

  it('tell the first text of what they are combined to', () => {
    expect(provenance(drawing('sd1.safetensors', composed))).toMatchObject({ prompt: 'a fox', negative: '' })
  })
})

describe('a negative that is not linked', () => {
  it('is the empty prompt through the encoder of the first positive', () => {
    const plan = rewrite(drawing('sd1.safetensors', composed))
    expect(printPlan(plan)).toMatch(
      /(%\d+): conditioning = encode-prompt\(session=%\d+\) {"text":""}[\s\S]*negative=\1/,
    )
  })

  it('is zeros at the sizes of the positive for SDXL, and tells no text', () => {
    const size = { originalWidth: 2048 }
    const plan = rewrite(
      drawing('sdxl.safetensors', (plan, clip) =>
        plan.step('edit-conditioning', { conditioning: composed(plan, clip) }, { edit: { kind: 'size', size } }),
      ),
    )
    expect(printPlan(plan)).toMatch(
      /(%\d+): .*"text":"a fox".*\n[\s\S]*(%\d+): .*\(conditioning=\1\) {.*"size".*\n(%\d+): .*\(conditioning=\2\) {"edit":{"kind":"zero"}}[\s\S]*negative=\3/,
    )
    expect(provenance(plan)).toMatchObject({ prompt: 'a fox', negative: '' })
    const unsized = printPlan(rewrite(drawing('sdxl.safetensors', composed)))
    expect(unsized).toMatch(/(%\d+): .*"text":"a fox".*\n[\s\S]*\(conditioning=\1\) {"edit":{"kind":"zero"}}/)
  })
})

describe('CLIP skip', () => {
  const lora = { file: 'style.safetensors', strength: 0.5 }
  const prompt = (skips: (plan: Plan, clip: Step<'clip'>) => Step<'clip'>) =>
    printPlan(
      rewrite(drawing('sd1.safetensors', (plan, clip) => encodePrompt(plan, skips(plan, clip), { text: 'a fox' }))),
    )

  it('becomes what the encoder is opened with, adapters or not, and the last one wins', () => {
    const direct = prompt((plan) =>
      plan.step('apply-lora', { target: plan.step('text-encoder', {}, { file: 'sd1.safetensors', skip: 2 }) }, lora),
    )
    expect(
      prompt((plan, clip) =>
        plan.step('clip-skip', { clip: plan.step('apply-lora', { target: clip }, lora) }, { skip: 2 }),
      ),
    ).toBe(direct)
    expect(
      prompt((plan, clip) =>
        plan.step(
          'apply-lora',
          { target: plan.step('clip-skip', { clip: plan.step('clip-skip', { clip }, { skip: 3 }) }, { skip: 2 }) },
          lora,
        ),
      ),
    ).toBe(direct)
    expect(direct).toContain('"skip":2')
    expect(direct).not.toContain('clip-skip')
  })
})
