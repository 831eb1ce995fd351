import { patternList } from '#core/formats/output-name.ts'
import { defineNode } from '../kit/define-node.ts'
import { image, text } from '../kit/ports.ts'
import { adviseOnPrefix } from '../kit/prefix.ts'

export default defineNode({
  type: 'save-image',
  version: 1,
  category: 'image',
  title: 'Save Image',
  description: 'Writes the picture as a PNG that contains its whole workflow.',
  docs: `
Files are numbered, and none is overwritten, also when several runs write at once. Open a saved picture as a workflow to
get back its graph, with the seed.

A \`/\` in the prefix makes a subfolder of the output folder: \`%date%/fox\` gives a folder for each day. What stands
between two \`%\` is replaced; a word that is not in this list stays as it is:

${patternList}

Dates and times are those of this computer when the picture is saved.
`,
  inputs: {
    image: image({ description: 'The picture to save.' }),
    prefix: text({
      default: 'latent-loom',
      description:
        'How file names begin. "/" makes a subfolder and %date% becomes the day; see below for more. Characters that file names cannot contain become "_".',
    }),
  },
  outputs: {},
  effect: true,
  infer: () => ({}),
  advise: (_types, _facts, { prefix }) => adviseOnPrefix(prefix),
  lower: (plan, { image, prefix }) => {
    plan.step('save-image', { image }, { prefix })
    return {}
  },
})
