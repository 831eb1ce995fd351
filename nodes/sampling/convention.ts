import { choice } from '../kit/ports.ts'

/** Whose numbers a scheduler follows; the same input on every scheduler node. */
export const convention = choice({
  default: 'diffusers',
  options: { diffusers: 'diffusers' },
  advanced: true,
  description:
    "Whose grids and noise levels the numbers follow, so that a seed gives the picture that it gives there. This version has diffusers'; ComfyUI's is not there yet.",
})
