import { defineNode } from '../kit/define-node.ts'
import { conditioning, float } from '../kit/ports.ts'
import { strength } from './strength.ts'

const share = { min: 0, max: 1, step: 0.05 }

export default defineNode({
  type: 'conditioning-area',
  version: 1,
  category: 'conditioning',
  title: 'Set Conditioning Area',
  description: 'Lets a prompt hold in a rectangle of the picture.',
  docs: `
Compose a picture from several prompts: give each its rectangle, join them with Combine Conditioning, and add one prompt for the whole
picture that says what it is. Places are shares of the picture, so they hold at every size: 0.5 is its middle. The model is shown the
rectangle alone, so keep it larger than a quarter of the picture; edges within the picture fade over 64 pixels.
`,
  inputs: {
    conditioning: conditioning({ description: 'The prompt for the rectangle.' }),
    x: float({
      ...share,
      default: 0,
      description: 'Where the rectangle begins, from 0 at the left edge to 1 at the right.',
    }),
    y: float({ ...share, default: 0, description: 'Where it begins, from 0 at the upper edge to 1 at the lower.' }),
    width: float({
      ...share,
      default: 0.5,
      min: 0.01,
      description: 'Its width, up to 1 for that of the picture; what reaches beyond the picture is cut.',
    }),
    height: float({ ...share, default: 1, min: 0.01, description: 'Its height, up to 1 for that of the picture.' }),
    strength,
  },
  outputs: { conditioning: conditioning({ description: 'The prompt in its place, for Combine Conditioning.' }) },
  infer: ({ conditioning }) => ({ conditioning }),
  lower: (plan, { conditioning, strength, ...area }) => ({
    conditioning: plan.editConditioning(conditioning, { kind: 'area', area, strength }),
  }),
})
