import { factOf } from '#core/types/facts.ts'
import { UNKNOWN } from '#core/types/types.ts'
import { defineNode } from '../kit/define-node.ts'
import { file, image, mask } from '../kit/ports.ts'

export default defineNode({
  type: 'load-image',
  version: 1,
  category: 'image',
  title: 'Load Image',
  description: 'Opens a picture from a file.',
  docs: `
Its colours are taken as they are stored in sRGB, turned upright as the camera says. Transparency is left out of the picture and
given as the mask: erase what is to be drawn anew in an image editor and save as PNG. A relative name starts from the folder of
the workflow.
`,
  inputs: {
    file: file({
      kind: 'image',
      accept: ['.png', '.jpg', '.jpeg', '.webp'],
      description: 'The picture: PNG, JPEG or WebP.',
    }),
  },
  outputs: {
    image: image({ description: 'The picture, for VAE Encode.' }),
    mask: mask({
      description:
        'What is transparent in it: 1 where nothing is seen, 0 where all is; 0 everywhere without transparency.',
    }),
  },
  infer: ({ file: { name } }, facts) => {
    const { width = UNKNOWN, height = UNKNOWN } = factOf(facts, 'image', name) ?? {}
    return { image: { kind: 'image', width, height }, mask: { kind: 'mask' } }
  },
  lower: (plan, { file }) => ({ image: plan.loadImage(file), mask: plan.loadMask(file) }),
})
