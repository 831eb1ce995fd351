import { LoomError } from '#core/errors.ts'
import { defineNode } from '../kit/define-node.ts'
import { conditioning, float } from '../kit/ports.ts'

const share = { min: 0, max: 1, step: 0.05 }

export default defineNode({
  type: 'conditioning-range',
  version: 1,
  category: 'conditioning',
  title: 'Set Conditioning Range',
  description: 'Limits a prompt to a part of the run.',
  docs: `
The first steps lay out the picture, and the last ones add its details. To compose with one prompt and finish with
another, give the first 0 to 0.4 and the second 0.4 to 1, and join them with Combine Conditioning. Fractions are of the
noise, not of the steps: with few steps, try out where the change shows. Where no prompt applies, the first of the
combined prompts does.
`,
  inputs: {
    conditioning: conditioning({ description: 'The prompt for that part of the run.' }),
    start: float({
      ...share,
      default: 0,
      description: 'Where the range begins: 0 at pure noise, 1 at the finished picture.',
    }),
    end: float({ ...share, default: 1, description: 'Where the range ends: 1 is the finished picture.' }),
  },
  outputs: { conditioning: conditioning({ description: 'The prompt with its range, for Combine Conditioning.' }) },
  infer: ({ conditioning }) => ({ conditioning }),
  check: ({ start, end }) =>
    start.min > end.max
      ? new LoomError('range', `The range starts at ${start.min}, after its end at ${end.max}.`, {
          input: 'start',
          hint: 'Let it start before it ends.',
        })
      : undefined,
  lower: (plan, { conditioning, ...range }) => ({
    conditioning: plan.step('edit-conditioning', { conditioning }, { edit: { kind: 'range', ...range } }),
  }),
})
