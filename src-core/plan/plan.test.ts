import { describe, expect, it } from 'vitest'
import { LoomError } from '#core/errors.ts'
import { encodePrompt, sampleLatent, vaeDecode } from './composites.ts'
import { optimisePlan } from './passes/optimise.ts'
import { StrengthHistory, type StrengthMode } from './passes/placement.ts'
import { Plan } from './plan.ts'
import { printPlan } from './print.ts'
import { provenanceOf } from './provenance.ts'
import { schedulerDefaults } from './scheduler.ts'
import type { Step } from './step.ts'
import { verifyPlan } from './verify.ts'

const file = 'tiny.safetensors'
const loras = { style: 'style.safetensors', lcm: 'lcm.safetensors' }
const facts = {
  takesGuidance: (name: string) => name === 'full-lcm.safetensors',
  zeroForNoText: (name: string) => name === 'sdxl.safetensors',
}
const optimise = (plan: Plan, mode: StrengthMode) =>
  optimisePlan(plan, { facts, strengths: { mode, canLive: () => true, history: new StrengthHistory() }, verify: true })
    .plan
const rewrite = (plan: Plan) => optimise(plan, 'auto')

interface Wiring {
  readonly checkpoint?: string
  readonly guidance?: number
  readonly negative?: boolean
  readonly adapters?: readonly { readonly file: string; readonly strength: number }[]
}

function textToImage({ checkpoint = file, guidance = 1, negative = true, adapters = [] }: Wiring = {}): Plan {
  const plan = new Plan()
  const clip = plan.step('text-encoder', {}, { file: checkpoint, skip: 1 })
  const model = adapters.reduce<Step<'model'>>(
    (target, adapter) => plan.step('apply-lora', { target }, adapter),
    plan.step('unet', {}, { file: checkpoint, prediction: 'auto' }),
  )
  const latent = sampleLatent(
    plan,
    {
      model,
      positive: plan.forNode('positive', () => encodePrompt(plan, clip, { text: 'a fox' })),
      ...(negative && { negative: plan.forNode('negative', () => encodePrompt(plan, clip, { text: 'blurry' })) }),
      latent: plan.step('empty-latent', {}, { width: 64, height: 64, batch: 1 }),
      scheduler: plan.step('scheduler', {}, { spec: schedulerDefaults.lcm }),
    },
    { seed: '42', guidance, strength: 1 },
  )
  plan.step(
    'save-image',
    { image: vaeDecode(plan, plan.step('vae', {}, { file: checkpoint }), latent) },
    { prefix: 'fox' },
  )
  return plan
}

describe('a plan', () => {
  it('makes equal steps one, whatever the order of their attributes', () => {
    const plan = new Plan()
    const first = plan.step('text-encoder', {}, { file, skip: 1 })
    expect(plan.step('text-encoder', {}, { skip: 1, file })).toBe(first)
    expect(plan.step('text-encoder', {}, { file, skip: 2 })).not.toBe(first)
  })

  it('never makes effects one', () => {
    const plan = new Plan()
    const image = plan.step('load-image', {}, { file: 'a.png' })
    plan.step('save-image', { image }, { prefix: 'a' })
    plan.step('save-image', { image }, { prefix: 'a' })
    expect(rewrite(plan).effects).toHaveLength(2)
  })

  it('shares a session between two prompts of one text encoder and knows who asked', () => {
    const plan = textToImage({ guidance: 4 })
    const sessions = plan.steps.filter((step) => step.op === 'session')
    expect(sessions).toHaveLength(3)
    const encoder = sessions.find((step) => 'network' in step.attributes && step.attributes.network === 'text-encoder')
    expect(encoder && plan.nodesOf(encoder)).toEqual(['positive', 'negative'])
  })

  it('prints a line per step', () => {
    const plan = new Plan()
    plan.forNode('load', () => plan.step('load-image', {}, { file: 'a.png' }))
    expect(printPlan(plan)).toBe('%0: image = load-image() {"file":"a.png"}  # load')
  })

  it('tells what its picture was made from', () => {
    const [save] = rewrite(textToImage({ adapters: [{ file: loras.lcm, strength: 1 }] })).effects
    expect(save && provenanceOf(save, 0)).toMatchObject({
      seed: '42',
      prompt: 'a fox',
      checkpoint: file,
      loras: [{ file: loras.lcm, strength: 1 }],
      fromPicture: false,
    })
  })
})

describe('the rules', () => {
  it('drop what no effect needs', () => {
    const plan = textToImage()
    plan.step('load-image', {}, { file: 'unused.png' })
    expect(printPlan(rewrite(plan))).not.toContain('unused.png')
  })

  it.each([
    ['guidance 1', { guidance: 1 }],
    ['a model that takes guidance as an input', { guidance: 8, checkpoint: 'full-lcm.safetensors' }],
  ])('drop the negative prompt at %s', (_, wiring) => {
    expect(printPlan(rewrite(textToImage(wiring)))).not.toContain('blurry')
  })

  it('compare with the empty prompt where no negative one is linked', () => {
    const printed = printPlan(rewrite(textToImage({ guidance: 4, negative: false })))
    expect(printed).toContain('encode-prompt(session=%2) {"text":""}')
    expect(printed).toMatch(/sample\(.*negative=/)
    expect(printPlan(rewrite(textToImage({ guidance: 1, negative: false })))).not.toContain('"text":""')
  })

  it('keep the negative prompt where it counts', () => {
    expect(printPlan(rewrite(textToImage({ guidance: 4 })))).toContain('blurry')
  })

  it('give one plan for adapters in any order, split in two, or at strength 0', () => {
    const style = { file: loras.style, strength: 0.75 }
    const lcm = { file: loras.lcm, strength: 1 }
    const half = { file: loras.style, strength: 0.375 }
    const none = { file: 'none.safetensors', strength: 0 }
    const printed = (adapters: Wiring['adapters']) => printPlan(rewrite(textToImage({ adapters: adapters ?? [] })))
    const expected = printed([lcm, style])
    expect(expected).toContain('"strength":0.75')
    expect(printed([style, lcm])).toBe(expected)
    expect(printed([half, lcm, half])).toBe(expected)
    expect(printed([{ ...lcm, strength: 0.25 }, style, { ...lcm, strength: 0.75 }])).toBe(expected)
    expect(printed([lcm, style, { ...lcm, strength: -1 }])).toBe(printed([style]))
    expect(printed([none, style, none, lcm])).toBe(expected)
  })

  it('book each adapter to the node that asked for it, whatever their order becomes', () => {
    const plan = new Plan()
    const file = 'tiny.safetensors'
    const add = (target: Step<'model'>, name: string) =>
      plan.forNode(`node of ${name}`, () => plan.step('apply-lora', { target }, { file: name, strength: 1 }))
    const model = ['c', 'a', 'b', 'a'].reduce(add, plan.step('unet', {}, { file, prediction: 'auto' }))
    const latent = sampleLatent(
      plan,
      {
        model,
        positive: encodePrompt(plan, plan.step('text-encoder', {}, { file, skip: 1 }), { text: 'a fox' }),
        latent: plan.step('empty-latent', {}, { width: 64, height: 64, batch: 1 }),
        scheduler: plan.step('scheduler', {}, { spec: schedulerDefaults.lcm }),
      },
      { seed: '42', guidance: 1, strength: 1 },
    )
    plan.step('save-image', { image: vaeDecode(plan, plan.step('vae', {}, { file }), latent) }, { prefix: 'fox' })
    const adapters = printPlan(rewrite(plan))
      .split('\n')
      .filter((line) => line.includes('apply-lora'))
    expect(adapters.map((line) => line.replace(/.*"file"/, '"file"'))).toEqual([
      '"file":"a","strength":2}  # node of a',
      '"file":"b","strength":1}  # node of b',
      '"file":"c","strength":1}  # node of c',
    ])
  })
})

describe('live strengths', () => {
  const live = (wiring: Wiring) => optimise(textToImage(wiring), 'live')
  const style = { file: loras.style, strength: 0.75 }
  const lcm = { file: loras.lcm, strength: 1 }
  /** What a session is made of, as text: two that are made of the same are one. */
  const madeOf = (plan: Plan) => {
    const text = ({ op, attributes, inputs }: Step): unknown => [op, attributes, Object.values(inputs).map(text)]
    return plan.steps.filter(({ op }) => op === 'session').map(text)
  }

  it('leave sessions that no strength changes, not even 0 or one that is added up', () => {
    const expected = madeOf(live({ adapters: [lcm, style] }))
    expect(JSON.stringify(expected)).not.toContain('strength')
    for (const adapters of [
      [
        { ...lcm, strength: 0 },
        { ...style, strength: -2 },
      ],
      [style, { ...lcm, strength: 0.5 }],
      [style, lcm, { ...lcm, strength: -1 }],
    ]) {
      expect(madeOf(live({ adapters }))).toEqual(expected)
    }
    expect(madeOf(live({ adapters: [lcm] }))).not.toEqual(expected)
  })

  it('are steps of the nodes that set them, used by what runs the session', () => {
    const printed = printPlan(live({ adapters: [lcm, style], guidance: 2 })).split('\n')
    const strengths = printed.filter((line) => line.includes('= strength('))
    expect(strengths.map((line) => line.replace(/^%\d+: /, ''))).toEqual([
      'strengths = strength() {"file":"lcm.safetensors","strength":1}',
      expect.stringMatching(/^strengths = strength\(others=%\d+\) {"file":"style.safetensors","strength":0.75}$/),
    ])
    expect(printed.filter((line) => /= sample\(.*strengths=%/.test(line))).toHaveLength(1)
    expect(printed.join()).not.toContain('apply-lora')
  })

  it('tell what a picture was made from, as folded ones do', () => {
    const adapters = [style, lcm, { file: 'none.safetensors', strength: 0 }]
    const [folded] = rewrite(textToImage({ adapters })).effects
    const [save] = live({ adapters }).effects
    expect(save && provenanceOf(save, 0)).toEqual(folded && provenanceOf(folded, 0))
  })

  it('change nothing where there is no adapter', () => {
    expect(printPlan(live({ guidance: 4 }))).toBe(printPlan(rewrite(textToImage({ guidance: 4 }))))
  })

  it('encode the empty negative prompt with the strengths of the positive one', () => {
    const plan = new Plan()
    const clip = plan.step('apply-lora', { target: plan.step('text-encoder', {}, { file, skip: 1 }) }, style)
    const latent = sampleLatent(
      plan,
      {
        model: plan.step('unet', {}, { file, prediction: 'auto' }),
        positive: encodePrompt(plan, clip, { text: 'a fox' }),
        latent: plan.step('empty-latent', {}, { width: 64, height: 64, batch: 1 }),
        scheduler: plan.step('scheduler', {}, { spec: schedulerDefaults.lcm }),
      },
      { seed: '42', guidance: 4, strength: 1 },
    )
    plan.step('save-image', { image: vaeDecode(plan, plan.step('vae', {}, { file }), latent) }, { prefix: 'fox' })
    const printed = printPlan(optimise(plan, 'live'))
    const encodings = printed.match(/encode-prompt\(session=%\d+, strengths=%\d+\)/g)
    expect(encodings).toHaveLength(2)
    expect(new Set(encodings).size).toBe(1)
  })
})

describe('the verifier', () => {
  const image = (plan: Plan) => plan.step('load-image', {}, { file: 'a.png' })
  const faults: readonly [string, (plan: Plan) => void, RegExp][] = [
    [
      'a missing input',
      (plan) => {
        // @ts-expect-error there is no picture to save
        plan.step('save-image', {}, { prefix: 'a' })
      },
      /lacks the input image/,
    ],
    [
      'an input of another kind',
      (plan) => {
        // @ts-expect-error a picture is no session
        plan.step('vae-decode', { session: image(plan), latent: image(plan) }, {})
      },
      /takes session as session/,
    ],
    [
      'an input of another kind than the one that it shares it with',
      (plan) => {
        const target = plan.step('unet', {}, { file, prediction: 'auto' })
        // @ts-expect-error a text encoder is not merged into a UNet
        plan.step('merge', { target, other: plan.step('text-encoder', {}, { file, skip: 1 }) }, { share: 0.5 })
      },
      /takes model as other/,
    ],
    [
      'an unknown input',
      (plan) => {
        // @ts-expect-error nothing is given to what loads a file
        plan.step('load-image', { image: image(plan) }, { file: 'b' })
      },
      /does not know/,
    ],
    [
      'a step of another plan',
      (plan) => plan.step('save-image', { image: image(new Plan()) }, { prefix: 'a' }),
      /before/,
    ],
    [
      'attributes that are not finite',
      (plan) => plan.step('empty-latent', {}, { width: Number.NaN, height: 8, batch: 1 }),
      /not plain data/,
    ],
  ]
  it.each(faults)('refuses %s', (_, build, message) => {
    const plan = new Plan()
    build(plan)
    expect(() => verifyPlan(plan)).toThrow(LoomError)
    expect(() => verifyPlan(plan)).toThrow(message)
  })

  it('passes a whole plan', () => {
    verifyPlan(textToImage({ guidance: 4, adapters: [{ file: loras.lcm, strength: 1 }] }))
  })
})
