import { defineNode } from '../kit/define-node.ts'
import { conditioning, float } from '../kit/ports.ts'
import { strength } from './strength.ts'

const share = { min: 0, max: 1, step: 0.05 }

export default defineNode({
  type: 'conditioning-area',
  version: 1,
  category: 'conditioning',
  title: 'Set Conditioning Area',
  description: 'Limits a prompt to a rectangle of the picture.',
  docs: `
To compose a picture from several prompts, give each its rectangle and join them with Combine Conditioning. Add one
prompt for the whole picture that says what it is. Positions are fractions of the picture, so they hold at every size:
0.5 is the middle. The model sees only the rectangle, so keep it larger than a quarter of the picture. Edges inside the
picture fade over 64 pixels.
`,
  inputs: {
    conditioning: conditioning({ description: 'The prompt for the rectangle.' }),
    x: float({
      ...share,
      default: 0,
      description: 'Where the rectangle begins, from 0 at the left edge to 1 at the right edge.',
    }),
    y: float({
      ...share,
      default: 0,
      description: 'Where the rectangle begins, from 0 at the top edge to 1 at the bottom edge.',
    }),
    width: float({
      ...share,
      default: 0.5,
      min: 0.01,
      description:
        'The width of the rectangle, up to 1 for the whole width of the picture. Parts outside the picture are cut off.',
    }),
    height: float({
      ...share,
      default: 1,
      min: 0.01,
      description: 'The height of the rectangle, up to 1 for the whole height of the picture.',
    }),
    strength,
  },
  outputs: { conditioning: conditioning({ description: 'The prompt with its area, for Combine Conditioning.' }) },
  infer: ({ conditioning }) => ({ conditioning }),
  lower: (plan, { conditioning, strength, ...area }) => ({
    conditioning: plan.step('edit-conditioning', { conditioning }, { edit: { kind: 'area', area, strength } }),
  }),
})
