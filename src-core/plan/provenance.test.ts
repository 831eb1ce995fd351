import { describe, expect, it } from 'vitest'
import { encodePrompt, sampleLatent, vaeDecode } from './composites.ts'
import type { StepAttributes } from './ops.ts'
import { Plan } from './plan.ts'
import { provenanceOf } from './provenance.ts'
import { schedulerDefaults } from './scheduler.ts'
import type { Step } from './step.ts'

const file = 'tiny.safetensors'
const size = { width: 64, height: 64, batch: 3 }

/** Draws a latent. */
function drawn(plan: Plan, latent: Step<'latent'>, options: Partial<StepAttributes['sample']> = {}, steps = 4) {
  return sampleLatent(
    plan,
    {
      model: plan.step('unet', {}, { file, prediction: 'auto' }),
      positive: encodePrompt(plan, plan.step('text-encoder', {}, { file, skip: 1 }), { text: 'a fox' }),
      latent,
      scheduler: plan.step('scheduler', {}, { spec: { ...schedulerDefaults.lcm, steps } }),
    },
    { seed: '40', guidance: 1, strength: 1, ...options },
  )
}

const decoded = (plan: Plan, latent: Step<'latent'>) => vaeDecode(plan, plan.step('vae', {}, { file }), latent)

/** What the picture at a place of the batch was drawn from. */
function provenance(build: (plan: Plan) => Step<'image'>, place = 0) {
  const plan = new Plan()
  plan.step('save-image', { image: build(plan) }, { prefix: 'fox' })
  const [save] = plan.effects
  return save && provenanceOf(save, place)
}

describe('the seed of a picture of a batch with seeds of their own', () => {
  const each = { batchSeeds: 'each' } as const
  const pick = { kind: 'pick', index: 1, count: 2 } as const
  const seeds = (build: (plan: Plan) => Step<'image'>) => [0, 1].map((place) => provenance(build, place)?.seed)

  it('is that of its place', () => {
    expect(seeds((plan) => decoded(plan, drawn(plan, plan.step('empty-latent', {}, size), each)))).toEqual(['40', '41'])
  })

  it('stays with it when it is picked, behind the sampler, before it, or as a picture', () => {
    expect(
      seeds((plan) =>
        decoded(
          plan,
          plan.step('edit-latent', { latent: drawn(plan, plan.step('empty-latent', {}, size), each) }, { edit: pick }),
        ),
      ),
    ).toEqual(['41', '42'])
    expect(
      seeds((plan) =>
        decoded(
          plan,
          drawn(plan, plan.step('edit-latent', { latent: plan.step('empty-latent', {}, size) }, { edit: pick }), each),
        ),
      ),
    ).toEqual(['41', '42'])
    expect(
      seeds((plan) =>
        plan.step(
          'edit-image',
          { image: decoded(plan, drawn(plan, plan.step('empty-latent', {}, size), each)) },
          { edit: pick },
        ),
      ),
    ).toEqual(['41', '42'])
    const twice = { kind: 'pick', index: 1, count: 1 } as const
    expect(
      provenance((plan) =>
        decoded(
          plan,
          plan.step(
            'edit-latent',
            {
              latent: drawn(
                plan,
                plan.step('edit-latent', { latent: plan.step('empty-latent', {}, size) }, { edit: pick }),
                each,
              ),
            },
            { edit: twice },
          ),
        ),
      )?.seed,
    ).toBe('42')
  })

  it('is counted through where a batch was repeated', () => {
    const repeated = (plan: Plan) =>
      plan.step('edit-latent', { latent: plan.step('empty-latent', {}, size) }, { edit: { kind: 'repeat', count: 2 } })
    expect(provenance((plan) => decoded(plan, drawn(plan, repeated(plan), each)), 4)?.seed).toBe('44')
  })

  it('is left out where only the run knows the place', () => {
    const copies = { kind: 'repeat', count: 2 } as const
    const picked = (plan: Plan) =>
      plan.step(
        'edit-latent',
        { latent: plan.step('edit-latent', { latent: plan.step('empty-latent', {}, size) }, { edit: pick }) },
        { edit: copies },
      )
    expect(provenance((plan) => decoded(plan, drawn(plan, picked(plan), each)))).toMatchObject({ prompt: 'a fox' })
    expect(provenance((plan) => decoded(plan, drawn(plan, picked(plan), each)))).not.toHaveProperty('seed')
    const after = (plan: Plan) =>
      plan.step('edit-latent', { latent: drawn(plan, plan.step('empty-latent', {}, size), each) }, { edit: copies })
    expect(provenance((plan) => decoded(plan, after(plan)))).not.toHaveProperty('seed')
    const one = (plan: Plan) => decoded(plan, drawn(plan, plan.step('empty-latent', {}, size), each))
    const other = (plan: Plan) =>
      decoded(plan, drawn(plan, plan.step('empty-latent', {}, size), { ...each, seed: '7' }))
    expect(
      provenance((plan) => plan.step('batch-images', { first: one(plan), second: other(plan) }, {})),
    ).not.toHaveProperty('seed')
  })

  it('is that of the drawn layer on a picture that was loaded', () => {
    const pasted = (plan: Plan) =>
      plan.step(
        'composite-images',
        {
          background: plan.step('load-image', {}, { file: 'a.png' }),
          layer: decoded(plan, drawn(plan, plan.step('empty-latent', {}, size), each)),
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
          plan.step(
            'edit-latent',
            { latent: drawn(plan, plan.step('empty-latent', {}, size), {}, 8) },
            { edit: scaled },
          ),
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
    const joined = (plan: Plan) =>
      plan.step(
        'combine-latents',
        { first: plan.step('empty-latent', {}, size), second: plan.step('empty-latent', {}, size) },
        { how: { kind: 'join' } },
      )
    expect(provenance((plan) => decoded(plan, drawn(plan, joined(plan))))).toMatchObject({ fromPicture: false })
  })

  it('is nothing for a picture that was loaded, and found at once where ways cross again and again', () => {
    expect(provenance((plan) => plan.step('load-image', {}, { file: 'a.png' }))).toBeUndefined()
    const crossed = provenance((plan) => {
      let image = decoded(plan, drawn(plan, plan.step('empty-latent', {}, size)))
      for (let i = 0; i < 60; i++) {
        const layer = plan.step('edit-image', { image }, { edit: { kind: 'blur', radius: i } })
        image = plan.step(
          'composite-images',
          { background: image, layer },
          { x: 0, y: 0, mode: 'normal', opacity: 0.5 },
        )
      }
      return image
    })
    expect(crossed?.seed).toBe('40')
  })
})
