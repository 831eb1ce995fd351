import { sanitizeFileName } from '#core/formats/file-name.ts'
import { defineNode } from '../kit/define-node.ts'
import { image, text } from '../kit/ports.ts'

export default defineNode({
  type: 'save-image',
  version: 1,
  category: 'image',
  title: 'Save Image',
  description: 'Writes the picture as a PNG that contains its whole workflow.',
  docs: `
Files are numbered, and none is overwritten. Open a saved picture as a workflow to get back its graph, with the seed.
`,
  inputs: {
    image: image({ description: 'The picture to save.' }),
    prefix: text({
      default: 'latent-loom',
      description:
        'How file names begin. Characters that file names cannot contain become "_". At most 200 bytes are used.',
    }),
  },
  outputs: {},
  effect: true,
  infer: () => ({}),
  lower: (plan, { image, prefix }) => {
    plan.step('save-image', { image }, { prefix: sanitizeFileName(prefix) })
    return {}
  },
})
