import { parseTimesteps } from '#core/plan/timesteps.ts'
import { defineNode } from '../kit/define-node.ts'
import { scheduler, text } from '../kit/ports.ts'

export default defineNode({
  type: 'timesteps',
  version: 1,
  category: 'sampling',
  title: 'Timesteps',
  description: 'Tells a scheduler at which timesteps to work.',
  docs: `
Some distilled models are made for timesteps of their own: DMD2 for 999, 749, 499, 249, Hyper-SD's LoRA for one step for 800.
There are as many steps as timesteps; the scheduler's own number of steps and its schedule do not count.

A strength below 1 in the Sampler leaves out the first timesteps.
`,
  inputs: {
    scheduler: scheduler({ description: 'The scheduler whose solver takes the timesteps.' }),
    timesteps: text({
      default: '999, 749, 499, 249',
      description: 'Falling whole numbers from 999 (noise alone) to 0 (the finished picture), with commas between.',
    }),
  },
  outputs: { scheduler: scheduler({ description: 'For the scheduler input of a Sampler.' }) },
  infer: () => ({ scheduler: { kind: 'scheduler' } }),
  lower: (plan, { scheduler, timesteps }) => ({
    scheduler: plan.atTimesteps(scheduler, parseTimesteps(timesteps)),
  }),
})
