import type { SizeConditioning } from '#core/plan/conditioning-edit.ts'
import { int } from '../kit/ports.ts'

const side = { default: 0, min: 0, max: 16384, advanced: true } as const
const asDrawn = '0 uses the size of the generated picture. At most 16384.'

/** The sizes that Stable Diffusion XL is told, as inputs of a node; 0 leaves a size to the picture. */
export const sizeInputs = {
  originalWidth: int({
    ...side,
    advanced: false,
    description: `Width in pixels of the photograph to imitate. Small values look blurred and cropped. ${asDrawn}`,
  }),
  originalHeight: int({ ...side, advanced: false, description: `Its height in pixels. ${asDrawn}` }),
  cropLeft: int({
    ...side,
    description: 'Pixels cropped from its left, up to 16384. Above 0 the subject moves out of the frame.',
  }),
  cropTop: int({ ...side, description: 'Pixels cropped from its top, up to 16384.' }),
  targetWidth: int({ ...side, description: `Width in pixels at which it is shown. ${asDrawn}` }),
  targetHeight: int({ ...side, description: `Height in pixels at which it is shown. ${asDrawn}` }),
} as const

/** What was chosen: sizes of 0 are left out. */
export function chosenSizes(sizes: Required<SizeConditioning>): SizeConditioning {
  return Object.fromEntries(Object.entries(sizes).filter(([, size]) => size !== 0))
}
