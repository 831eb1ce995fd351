import { choice } from '../kit/ports.ts'

/** By whose rules brackets weigh words. */
export const emphasis = choice({
  default: 'comfy',
  options: { comfy: 'ComfyUI', a1111: 'A1111' },
  advanced: true,
  description:
    'How brackets weight words. ComfyUI: a number is the weight itself. A1111, for prompts of its pictures: numbers multiply, [word] weakens, and the whole text stays as strong as without weights.',
})
