import { vaeScaleFactor } from '#core/families/family.ts'
import { maxLatentSide } from '#core/plan/latent-edit.ts'
import { exactly, UNKNOWN } from '#core/types/types.ts'
import { defineNode } from '../kit/define-node.ts'
import { int, latent } from '../kit/ports.ts'

const side = {
  default: 512,
  min: 64,
  max: maxLatentSide,
  multipleOf: vaeScaleFactor,
  suits: 'picture-size',
} as const
const limits = `A multiple of ${vaeScaleFactor}, since a latent has one cell for ${vaeScaleFactor} x ${vaeScaleFactor} pixels, from 64 to ${maxLatentSide}.`

export default defineNode({
  type: 'empty-latent',
  version: 1,
  category: 'latent',
  title: 'Empty Latent',
  description: 'An empty latent: the size and number of the pictures to generate.',
  docs: `
Use the size that the model was trained on (512 x 512 for SD1.x), or other proportions of about that area. A new node
starts with the size of the model in the workflow. At a much larger size, things repeat. At a much smaller size, they
fall apart; the Sampler says so. Time and memory grow with the area and with the number of pictures.
`,
  inputs: {
    width: int({ ...side, description: `Width of the picture in pixels. ${limits}` }),
    height: int({ ...side, description: `Height of the picture in pixels. ${limits}` }),
    batch: int({
      default: 1,
      min: 1,
      max: 64,
      description:
        'How many pictures to generate at once, each from its own noise. 64 at most: for more, run again with another seed.',
    }),
  },
  outputs: { latent: latent({ description: 'For the latent input of a Sampler.' }) },
  infer: ({ width, height }) => ({
    latent: { kind: 'latent', channels: UNKNOWN, width: exactly(width), height: exactly(height) },
  }),
  lower: (plan, size) => ({ latent: plan.step('empty-latent', {}, size) }),
})
