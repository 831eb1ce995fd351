import { choice } from '../kit/ports.ts'

/** What a strength below 1 does on the grid of a distilled model. */
export const strengthMode = choice({
  default: 'truncate',
  options: { truncate: 'All steps on a shorter grid', skip: 'Leave out the first steps' },
  advanced: true,
  description:
    'What a strength below 1 in the Sampler does. The first option runs all steps on a shorter grid. The second leaves out the first steps, as other schedulers do.',
})
