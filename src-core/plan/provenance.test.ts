import { describe, expect, it } from 'vitest'
import { Plan } from './plan.ts'
import { provenanceOf } from './provenance.ts'
import { schedulerDefaults } from './scheduler.ts'
import type { Step, StepAttributes } from './step.ts'

const file = 'tiny.safetensors'
const size = { width: 64, height: 64, batch: 3 }

/** Draws a latent. */
function drawn(plan: Plan, latent: Step<'latent'>, options: Partial<StepAttributes['sample']> = {}, steps = 4) {
  return plan.sample(
    {
      model: plan.unet({ file, prediction: 'auto' }),
      positive: plan.encodePrompt(plan.textEncoder({ file, skip: 1 }), 'a fox'),
      latent,
      scheduler: plan.scheduler({ ...schedulerDefaults.lcm, steps }),
    },
    { seed: '40', guidance: 1, strength: 1, ...options },
  )
}

const decoded = (plan: Plan, latent: Step<'latent'>) => plan.vaeDecode(plan.vae({ file }), latent)

/** What the picture at a place of the batch was drawn from. */
function provenance(build: (plan: Plan) => Step<'image'>, place = 0) {
  const plan = new Plan()
  plan.saveImage(build(plan), { prefix: 'fox' })
  const [save] = plan.effects
  return save && provenanceOf(save, place)
}

describe('the seed of a picture of a batch with seeds of their own', () => {
  const each = { batchSeeds: 'each' } as const
  const pick = { kind: 'pick', index: 1, count: 2 } as const
  const seeds = (build: (plan: Plan) => Step<'image'>) => [0, 1].map((place) => provenance(build, place)?.seed)

  it('is that of its place', () => {
    expect(seeds((plan) => decoded(plan, drawn(plan, plan.emptyLatent(size), each)))).toEqual(['40', '41'])
  })

  it('stays with it when it is picked, behind the sampler, before it, or as a picture', () => {
    expect(seeds((plan) => decoded(plan, plan.editLatent(drawn(plan, plan.emptyLatent(size), each), pick)))).toEqual([
      '41',
      '42',
    ])
    expect(seeds((plan) => decoded(plan, drawn(plan, plan.editLatent(plan.emptyLatent(size), pick), each)))).toEqual([
      '41',
      '42',
    ])
    expect(seeds((plan) => plan.editImage(decoded(plan, drawn(plan, plan.emptyLatent(size), each)), pick))).toEqual([
      '41',
      '42',
    ])
    const twice = { kind: 'pick', index: 1, count: 1 } as const
    expect(
      provenance((plan) =>
        decoded(plan, plan.editLatent(drawn(plan, plan.editLatent(plan.emptyLatent(size), pick), each), twice)),
      )?.seed,
    ).toBe('42')
  })

  it('is counted through where a batch was repeated', () => {
    const repeated = (plan: Plan) => plan.editLatent(plan.emptyLatent(size), { kind: 'repeat', count: 2 })
    expect(provenance((plan) => decoded(plan, drawn(plan, repeated(plan), each)), 4)?.seed).toBe('44')
  })

  it('is left out where only the run knows the place', () => {
    const copies = { kind: 'repeat', count: 2 } as const
    const picked = (plan: Plan) => plan.editLatent(plan.editLatent(plan.emptyLatent(size), pick), copies)
    expect(provenance((plan) => decoded(plan, drawn(plan, picked(plan), each)))).toMatchObject({ prompt: 'a fox' })
    expect(provenance((plan) => decoded(plan, drawn(plan, picked(plan), each)))).not.toHaveProperty('seed')
    const after = (plan: Plan) => plan.editLatent(drawn(plan, plan.emptyLatent(size), each), copies)
    expect(provenance((plan) => decoded(plan, after(plan)))).not.toHaveProperty('seed')
    const one = (plan: Plan) => decoded(plan, drawn(plan, plan.emptyLatent(size), each))
    const other = (plan: Plan) => decoded(plan, drawn(plan, plan.emptyLatent(size), { ...each, seed: '7' }))
    expect(provenance((plan) => plan.batchImages(one(plan), other(plan)))).not.toHaveProperty('seed')
  })

  it('is that of the drawn layer on a picture that was loaded', () => {
    const pasted = (plan: Plan) =>
      plan.compositeImages(
        {
          background: plan.loadImage('a.png'),
          layer: decoded(plan, drawn(plan, plan.emptyLatent(size), each)),
          mask: undefined,
        },
        { x: 0, y: 0, mode: 'normal', opacity: 1 },
      )
    expect(provenance(pasted, 2)?.seed).toBe('42')
  })
})

describe('what a picture was drawn from', () => {
  const scaled = { kind: 'scale', by: 1.5, method: 'bicubic' } as const

  it('is, of a high-resolution fix, the first sampling, and what the second did', () => {
    const fixed = provenance((plan) =>
      decoded(
        plan,
        drawn(
          plan,
          plan.editLatent(drawn(plan, plan.emptyLatent(size), {}, 8), scaled),
          { seed: '1', strength: 0.5 },
          6,
        ),
      ),
    )
    expect(fixed).toMatchObject({
      seed: '40',
      strength: 0.5,
      scheduler: { steps: 8 },
      fromPicture: true,
      highResolutionFix: { before: { width: 64, height: 64 }, method: 'bicubic', steps: 6 },
    })
  })

  it('is not from a picture where empty latents were put together', () => {
    const joined = (plan: Plan) => plan.combineLatents(plan.emptyLatent(size), plan.emptyLatent(size), { kind: 'join' })
    expect(provenance((plan) => decoded(plan, drawn(plan, joined(plan))))).toMatchObject({ fromPicture: false })
  })

  it('is nothing for a picture that was loaded, and found at once where ways cross again and again', () => {
    expect(provenance((plan) => plan.loadImage('a.png'))).toBeUndefined()
    const crossed = provenance((plan) => {
      let image = decoded(plan, drawn(plan, plan.emptyLatent(size)))
      for (let i = 0; i < 60; i++) {
        const layer = plan.editImage(image, { kind: 'blur', radius: i })
        image = plan.compositeImages(
          { background: image, layer, mask: undefined },
          { x: 0, y: 0, mode: 'normal', opacity: 0.5 },
        )
      }
      return image
    })
    expect(crossed?.seed).toBe('40')
  })
})
