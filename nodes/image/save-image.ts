import { sanitizeFileName } from '#core/formats/file-name.ts'
import { defineNode } from '../kit/define-node.ts'
import { image, text } from '../kit/ports.ts'

export default defineNode({
  type: 'save-image',
  version: 1,
  category: 'image',
  title: 'Save Image',
  description: 'Writes the picture as a PNG that carries its whole workflow.',
  docs: `
Every picture is numbered and none is overwritten. Open a saved picture as a workflow to get the graph back that drew it, seed
included.
`,
  inputs: {
    image: image({ description: 'The picture to save.' }),
    prefix: text({
      default: 'latent-loom',
      description: 'How the file names begin. Signs that no file name may have become "_"; at most 200 bytes are used.',
    }),
  },
  outputs: {},
  effect: true,
  infer: () => ({}),
  lower: (plan, { image, prefix }) => {
    plan.saveImage(image, { prefix: sanitizeFileName(prefix) })
    return {}
  },
})
