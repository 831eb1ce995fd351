import { expect, it } from 'vitest'
import { encodePrompt, grid, sampleLatent, vaeDecode } from '#core/plan/composites.ts'
import { Plan } from '#core/plan/plan.ts'
import { schedulerDefaults } from '#core/plan/scheduler.ts'
import type { Step } from '#core/plan/step.ts'
import { stepsToRun } from './step-order.ts'

const file = 'tiny.safetensors'

function pictures(plan: Plan, count: number): Step<'image'>[] {
  const latents = Array.from({ length: count }, (_, seed) =>
    sampleLatent(
      plan,
      {
        model: plan.step('unet', {}, { file, prediction: 'auto' }),
        positive: encodePrompt(plan, plan.step('text-encoder', {}, { file, skip: 1 }), { text: 'a fox' }),
        latent: plan.step('empty-latent', {}, { width: 64, height: 64, batch: 1 }),
        scheduler: plan.step('scheduler', {}, { spec: schedulerDefaults.lcm }),
      },
      { seed: String(seed), guidance: 1, strength: 1 },
    ),
  )
  return latents.map((latent) => vaeDecode(plan, plan.step('vae', {}, { file }), latent))
}

const opsOf = (plan: Plan, isKept: (step: Step) => boolean = () => false) =>
  [...stepsToRun(plan, isKept)].map(([{ op }, run]) => (run ? op : `kept ${op}`))

it('saves each picture before the next is decoded', () => {
  const plan = new Plan()
  for (const image of pictures(plan, 2)) plan.step('save-image', { image }, { prefix: 'fox' })
  expect(opsOf(plan).slice(-4)).toEqual(['vae-decode', 'save-image', 'vae-decode', 'save-image'])
})

it('makes each picture of a grid small at once, in whatever order they are drawn', () => {
  const plan = new Plan()
  const images = pictures(plan, 3)
  plan.step(
    'save-image',
    { image: grid(plan, images.toReversed(), { columns: ['', '', ''], rows: [''] }) },
    { prefix: 'grid' },
  )
  const ops = opsOf(plan)
  for (const [at, op] of ops.entries()) if (op === 'vae-decode') expect(ops[at + 1]).toBe('cell')
  expect(ops.slice(-2)).toEqual(['grid', 'save-image'])
})

it('puts what needs no session first, and every step behind what it uses', () => {
  const plan = new Plan()
  const [drawn] = pictures(plan, 1)
  const layer = plan.step(
    'edit-image',
    { image: plan.step('load-image', {}, { file: 'a.png' }) },
    { edit: { kind: 'blur', radius: 1 } },
  )
  if (drawn) {
    const how = { x: 0, y: 0, mode: 'normal', opacity: 1 } as const
    plan.step(
      'save-image',
      { image: plan.step('composite-images', { background: drawn, layer }, how) },
      { prefix: 'fox' },
    )
  }
  const order = [...stepsToRun(plan, () => false).keys()]
  const firstSession = order.findIndex(({ kind }) => kind === 'session')
  expect(order.indexOf(layer)).toBeLessThan(firstSession)
  for (const [at, { inputs }] of order.entries()) {
    for (const input of Object.values(inputs)) expect(order.indexOf(input)).toBeLessThan(at)
  }
})

it('leaves out what only kept steps need', () => {
  const plan = new Plan()
  for (const image of pictures(plan, 1)) plan.step('save-image', { image }, { prefix: 'fox' })
  expect(opsOf(plan, ({ op }) => op === 'vae-decode')).toEqual(['kept vae-decode', 'save-image'])
})
