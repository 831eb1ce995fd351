import { choice } from '../kit/ports.ts'

/** What a strength below 1 does on the grid of a distilled model. */
export const strengthMode = choice({
  default: 'truncate',
  options: { truncate: 'All steps on a shorter grid', skip: 'Leave out the first steps' },
  advanced: true,
  description:
    'What a strength below 1 in the Sampler does. On a shorter grid all steps are run; leaving out the first is what other schedulers do.',
})
