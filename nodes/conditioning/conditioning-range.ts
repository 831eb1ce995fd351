import { LoomError } from '#core/errors.ts'
import { defineNode } from '../kit/define-node.ts'
import { conditioning, float } from '../kit/ports.ts'

const share = { min: 0, max: 1, step: 0.05 }

export default defineNode({
  type: 'conditioning-range',
  version: 1,
  category: 'conditioning',
  title: 'Set Conditioning Range',
  description: 'Lets a prompt hold for a part of the run.',
  docs: `
The first steps lay out the picture, the last ones draw its details. Let one prompt compose and another finish: give the first 0 to
0.4, the second 0.4 to 1, and join them with Combine Conditioning. Shares are of the noise, not of the steps: with few steps, try
where the change shows. In what no prompt covers, the first of the combined prompts holds.
`,
  inputs: {
    conditioning: conditioning({ description: 'The prompt for that part of the run.' }),
    start: float({ ...share, default: 0, description: 'Where it begins: 0 at pure noise, 1 at the finished picture.' }),
    end: float({ ...share, default: 1, description: 'Where it ends: 1 is the finished picture.' }),
  },
  outputs: { conditioning: conditioning({ description: 'The prompt in its time, for Combine Conditioning.' }) },
  infer: ({ conditioning }) => ({ conditioning }),
  check: ({ start, end }) =>
    start.min > end.max
      ? new LoomError('range', `The range starts at ${start.min}, after its end at ${end.max}.`, {
          input: 'start',
          hint: 'Let it start before it ends.',
        })
      : undefined,
  lower: (plan, { conditioning, ...range }) => ({
    conditioning: plan.editConditioning(conditioning, { kind: 'range', ...range }),
  }),
})
