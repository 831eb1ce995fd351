import { float } from '../kit/ports.ts'

/** How much a prompt counts beside others in the same place. */
export const strength = float({
  default: 1,
  min: 0,
  max: 10,
  step: 0.05,
  description:
    'How much the prompt counts beside other prompts in the same place, from 0 to 10. A prompt that is alone in its place counts fully at any strength.',
})
