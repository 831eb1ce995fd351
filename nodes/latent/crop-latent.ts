import { vaeScaleFactor } from '#core/families/family.ts'
import { type LatentEdit, latentEditFault, maxLatentSide } from '#core/plan/latent-edit.ts'
import { exactly, type TypeOf, UNKNOWN } from '#core/types/types.ts'
import { defineNode } from '../kit/define-node.ts'
import { int, latent } from '../kit/ports.ts'

const place = { default: 0, min: 0, max: maxLatentSide, multipleOf: vaeScaleFactor }
const side = { default: 512, min: vaeScaleFactor, max: maxLatentSide, multipleOf: vaeScaleFactor }
const limits = `A multiple of ${vaeScaleFactor} up to ${maxLatentSide}.`

type Rectangle<Value> = { readonly [side in 'x' | 'y' | 'width' | 'height']: Value }

function knownEdit(inputs: Rectangle<TypeOf<'int'>>): LatentEdit | undefined {
  const [x, y, width, height] = [exactly(inputs.x), exactly(inputs.y), exactly(inputs.width), exactly(inputs.height)]
  if (x === UNKNOWN || y === UNKNOWN || width === UNKNOWN || height === UNKNOWN) return undefined
  return { kind: 'crop', x, y, width, height }
}

export default defineNode({
  type: 'crop-latent',
  version: 1,
  category: 'latent',
  title: 'Crop Latent',
  description: 'Cuts a rectangle out of a latent.',
  docs: `
Use it to redraw a part of a picture at a larger size: crop it, scale it, and link it to a Sampler with a low strength.
Composite Latents puts it back. Positions and sizes are those of the picture, counted from its top left corner.
`,
  inputs: {
    latent: latent({ description: 'The latent to crop. Its mask is cropped too.' }),
    x: int({ ...place, description: `Distance from the left edge to the rectangle in pixels. ${limits}` }),
    y: int({ ...place, description: `Distance from the top edge to the rectangle in pixels. ${limits}` }),
    width: int({ ...side, description: `Width of the rectangle in pixels. ${limits}` }),
    height: int({ ...side, description: `Height of the rectangle in pixels. ${limits}` }),
  },
  outputs: { latent: latent({ description: 'The rectangle.' }) },
  infer: ({ latent, width, height }) => ({
    latent: { ...latent, width: exactly(width), height: exactly(height) },
  }),
  check: ({ latent, ...rectangle }) => latentEditFault(knownEdit(rectangle), latent),
  lower: (plan, { latent, ...rectangle }) => ({
    latent: plan.step('edit-latent', { latent }, { edit: { kind: 'crop', ...rectangle } }),
  }),
})
