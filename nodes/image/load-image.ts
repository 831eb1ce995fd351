import { factOf } from '#core/types/facts.ts'
import { UNKNOWN } from '#core/types/types.ts'
import { defineNode } from '../kit/define-node.ts'
import { file, image } from '../kit/ports.ts'

export default defineNode({
  type: 'load-image',
  version: 1,
  category: 'image',
  title: 'Load Image',
  description: 'Opens a picture from a file.',
  docs: `
Its colours are taken as they are stored in sRGB, turned upright as the camera says; transparency is dropped. A
relative name starts from the folder of the workflow.
`,
  inputs: {
    file: file({
      kind: 'image',
      accept: ['.png', '.jpg', '.jpeg', '.webp'],
      description: 'The picture: PNG, JPEG or WebP.',
    }),
  },
  outputs: { image: image({ description: 'The picture, for VAE Encode.' }) },
  infer: ({ file: { name } }, facts) => {
    const { width = UNKNOWN, height = UNKNOWN } = factOf(facts, 'image', name) ?? {}
    return { image: { kind: 'image', width, height } }
  },
  lower: (plan, { file }) => ({ image: plan.loadImage(file) }),
})
