import { choice } from '../kit/ports.ts'

/** Whose numbers a scheduler follows; the same input on every scheduler node. */
export const convention = choice({
  default: 'diffusers',
  options: { diffusers: 'diffusers', comfy: 'ComfyUI' },
  advanced: true,
  description:
    'Whose timesteps, noise levels and order of noise the numbers follow, so that a seed gives the picture that it gives there.',
})
