import { int } from '../kit/ports.ts'

/** Which layer a prompt is taken from. */
export const clipSkip = int({
  default: 1,
  min: 1,
  max: 24,
  advanced: true,
  description:
    'Which layer of the text encoder, counted from its end, the prompt is taken from. 1 is the one that the model was trained with; many drawing and anime models want 2. SD1.x has 12 layers and SD2.x 24; SDXL goes as far as the smaller of its two text encoders, 12.',
})
