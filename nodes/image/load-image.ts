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
The colours are used as they are stored, as sRGB. The picture is turned upright as its metadata says. Transparency is
not part of the picture: it becomes the mask. To mark an area for redrawing, erase it in an image editor and save as
PNG. A relative name starts from the folder of the workflow.
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
        'The transparency of the picture: 1 where it is transparent, 0 where it is opaque. Without transparency it is 0 everywhere.',
    }),
  },
  infer: ({ file: { name } }, facts) => {
    const { width = UNKNOWN, height = UNKNOWN } = factOf(facts, 'image', name) ?? {}
    return { image: { kind: 'image', width, height }, mask: { kind: 'mask' } }
  },
  lower: (plan, { file }) => ({
    image: plan.step('load-image', {}, { file }),
    mask: plan.step('load-mask', {}, { file }),
  }),
})
