import { choice } from '../kit/ports.ts'

/** Whose numbers a scheduler follows; the same input on every scheduler node. */
export const convention = choice({
  default: 'diffusers',
  options: { diffusers: 'diffusers', comfy: 'ComfyUI' },
  advanced: true,
  description:
    'Which program to match in timesteps, noise levels and order of noise, so that a seed gives the same picture as there.',
})
