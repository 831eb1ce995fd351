import { describe, expect, it } from 'vitest'
import { rewritePlan } from './passes/rewrite.ts'
import { planRules } from './passes/rules.ts'
import { Plan } from './plan.ts'
import { printPlan } from './print.ts'
import { provenanceOf } from './provenance.ts'
import { schedulerDefaults } from './scheduler.ts'
import type { Step } from './step.ts'

const facts = { takesGuidance: () => false, zeroForNoText: (file: string) => file === 'sdxl.safetensors' }
const rewrite = (plan: Plan) => rewritePlan(plan, planRules(facts), { verify: true })

/** A plan that draws from a conditioning. */
function drawing(file: string, positive: (plan: Plan, clip: Step<'clip'>) => Step<'conditioning'>): Plan {
  const plan = new Plan()
  const clip = plan.textEncoder({ file, skip: 1 })
  const latent = plan.sample(
    {
      model: plan.unet({ file, prediction: 'auto' }),
      positive: positive(plan, clip),
      latent: plan.emptyLatent({ width: 64, height: 64, batch: 1 }),
      scheduler: plan.scheduler(schedulerDefaults.lcm),
    },
    { seed: '42', guidance: 4, strength: 1 },
  )
  plan.saveImage(plan.vaeDecode(plan.vae({ file }), latent), { prefix: 'fox' })
  return plan
}

const provenance = (plan: Plan) => plan.effects.map(provenanceOf)[0]

const composed = (plan: Plan, clip: Step<'clip'>) =>
  plan.editConditioning(
    plan.combineConditionings(plan.encodePrompt(clip, 'a fox'), plan.encodePrompt(clip, 'snow'), { kind: 'combine' }),
    { kind: 'range', start: 0, end: 0.5 },
  )

describe('prompts of a plan', () => {
  it('are one step where only what is usual is said', () => {
    const plan = new Plan()
    const clip = plan.textEncoder({ file: 'sd1.safetensors', skip: 1 })
    const prompt = plan.encodePrompt(clip, 'a fox')
    expect(plan.encodePrompt(clip, 'a fox', { text2: 'a fox', emphasis: 'comfy' })).toBe(prompt)
    expect(plan.encodePrompt(clip, 'a fox', { emphasis: 'a1111' })).not.toBe(prompt)
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
      drawing('sdxl.safetensors', (plan, clip) => plan.editConditioning(composed(plan, clip), { kind: 'size', size })),
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
    printPlan(rewrite(drawing('sd1.safetensors', (plan, clip) => plan.encodePrompt(skips(plan, clip), 'a fox'))))

  it('becomes what the encoder is opened with, adapters or not, and the last one wins', () => {
    const direct = prompt((plan) => plan.applyLora(plan.textEncoder({ file: 'sd1.safetensors', skip: 2 }), lora))
    expect(prompt((plan, clip) => plan.clipSkip(plan.applyLora(clip, lora), 2))).toBe(direct)
    expect(prompt((plan, clip) => plan.applyLora(plan.clipSkip(plan.clipSkip(clip, 3), 2), lora))).toBe(direct)
    expect(direct).toContain('"skip":2')
    expect(direct).not.toContain('clip-skip')
  })
})
