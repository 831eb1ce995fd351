import { describe, expect, it } from 'vitest'
import { encodePrompt, sampleLatent, show } from '../composites.ts'
import { Plan } from '../plan.ts'
import { printPlan } from '../print.ts'
import { schedulerDefaults } from '../scheduler.ts'
import type { Step } from '../step.ts'
import { optimisePlan } from './optimise.ts'
import { type StrengthChoices, StrengthHistory } from './placement.ts'

const style = 'style.safetensors'
const lcm = 'lcm.safetensors'

interface Drawing {
  readonly strengths?: readonly (readonly [file: string, strength: number])[]
  readonly steps?: number
  readonly side?: number
}

/** Adds the drawing of a picture with a model and adapters on it. */
function draw(plan: Plan, { strengths = [[style, 0.8]], steps = 4, side = 512 }: Drawing = {}): void {
  const model = strengths.reduce<Step<'model'>>(
    (target, [file, strength]) => plan.step('apply-lora', { target }, { file, strength }),
    plan.step('unet', {}, { file: 'tiny.safetensors', prediction: 'auto' }),
  )
  const latent = sampleLatent(
    plan,
    {
      model,
      positive: encodePrompt(plan, plan.step('text-encoder', {}, { file: 'tiny.safetensors', skip: 1 }), {
        text: 'a fox',
      }),
      latent: plan.step('empty-latent', {}, { width: side, height: side, batch: 1 }),
      scheduler: plan.step('scheduler', {}, { spec: { ...schedulerDefaults.lcm, steps } }),
    },
    { seed: '42', guidance: 1, strength: 1 },
  )
  show(plan, latent, { prefix: 'fox' })
}

function optimised(drawings: readonly Drawing[], choices: Partial<StrengthChoices> = {}) {
  const plan = new Plan()
  for (const drawing of drawings) draw(plan, drawing)
  const strengths = { mode: 'auto', canLive: () => true, history: new StrengthHistory(), ...choices } as const
  return optimisePlan(plan, {
    facts: { takesGuidance: () => false, zeroForNoText: () => false },
    strengths,
    verify: true,
  })
}

/** What became of the adapters of the UNet sessions, as `file live` or `file folded`. */
const placed = (...given: Parameters<typeof optimised>) =>
  optimised(...given).sessions.flatMap(({ adapters }) =>
    adapters.map(({ file, live }) => `${file} ${live ? 'live' : 'folded'}`),
  )

const reasons = (...given: Parameters<typeof optimised>) =>
  optimised(...given).sessions.flatMap(({ adapters }) => adapters.map(({ why }) => why))

const unets = (...given: Parameters<typeof optimised>) =>
  optimised(...given).plan.steps.filter((step) => 'network' in step.attributes && step.attributes.network === 'unet')
    .length

describe('a strength', () => {
  it('is folded where nothing says that it will change', () => {
    expect(placed([{}])).toEqual([`${style} folded`])
    expect(reasons([{}])).toEqual([expect.stringContaining('has not changed')])
  })

  it('is live where it is being moved, and never where that is not wanted', () => {
    expect(placed([{}], { mode: 'live' })).toEqual([`${style} live`])
    expect(placed([{}], { mode: 'folded' })).toEqual([`${style} folded`])
  })

  it('is live from the run on in which it changes, the others stay folded', () => {
    const history = new StrengthHistory()
    const at = (strength: number) =>
      placed(
        [
          {
            strengths: [
              [style, strength],
              [lcm, 1],
            ],
          },
        ],
        { history },
      )
    const folded = [`${lcm} folded`, `${style} folded`]
    const moved = [`${lcm} folded`, `${style} live`]
    expect([at(0.8), at(0.8), at(0.5), at(0.5), at(0)]).toEqual([folded, folded, moved, moved, moved])
  })

  it('is one session for all that a run uses of it', () => {
    const several = [0, 0.4, 0.8].map((strength): Drawing => ({ strengths: [[style, strength]] }))
    expect(unets(several)).toBe(1)
    expect(reasons(several)[0]).toContain('3 strengths')
    expect(unets(several, { mode: 'folded' })).toBe(3)
  })

  it('is folded where its kind cannot follow it, beside one that is live', () => {
    const mixed: Drawing = {
      strengths: [
        [style, 0.5],
        [lcm, 1],
      ],
    }
    const given = [[mixed], { mode: 'live', canLive: (file: string) => file !== lcm }] as const
    expect(placed(...given)).toEqual([`${lcm} folded`, `${style} live`])
    const printed = printPlan(optimised(...given).plan)
    expect(printed).toMatch(/apply-lora\(.*"file":"lcm.safetensors"/)
    expect(printed).toMatch(/live-lora\(.*"file":"style.safetensors"/)
    expect(printed).toMatch(/= strength\(\) {"file":"style.safetensors","strength":0.5}/)
  })

  it('is folded where so much is drawn that a new session costs less', () => {
    expect(placed([{ steps: 50 }], { mode: 'live' })).toEqual([`${style} folded`])
    expect(placed([{ steps: 50, side: 256 }], { mode: 'live' })).toEqual([`${style} live`])
    expect(placed([{ side: 2048 }], { mode: 'live' })).toEqual([`${style} folded`])
  })

  it('of 0 leaves nothing behind when it is folded', () => {
    expect(printPlan(optimised([{ strengths: [[style, 0]] }]).plan)).not.toContain(style)
    expect(printPlan(optimised([{ strengths: [[style, 0]] }], { mode: 'live' }).plan)).toContain(style)
  })

  it('is found through a clip skip', () => {
    const plan = new Plan()
    const file = 'tiny.safetensors'
    const clip = plan.step(
      'apply-lora',
      { target: plan.step('text-encoder', {}, { file, skip: 1 }) },
      { file: style, strength: 0.3 },
    )
    show(plan, encodePrompt(plan, plan.step('clip-skip', { clip }, { skip: 2 }), { text: 'a fox' }), { prefix: 'fox' })
    const strengths = { mode: 'live', canLive: () => true, history: new StrengthHistory() } as const
    const { plan: rewritten } = optimisePlan(plan, {
      facts: { takesGuidance: () => false, zeroForNoText: () => false },
      strengths,
      verify: true,
    })
    expect(printPlan(rewritten)).toMatch(/encode-prompt\(session=%\d+, strengths=%\d+\)/)
  })
})
