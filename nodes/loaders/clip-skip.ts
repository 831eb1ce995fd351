import { int } from '../kit/ports.ts'

/** Which layer a prompt is taken from. */
export const clipSkip = int({
  default: 1,
  min: 1,
  max: 12,
  advanced: true,
  description:
    'Which layer of the text encoder, counted from its end, the prompt is taken from. 1 is the one that the model was trained with; many drawing and anime models want 2. There are at most 12 layers.',
})
