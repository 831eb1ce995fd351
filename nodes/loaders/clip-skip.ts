import { int } from '../kit/ports.ts'

/** Which layer a prompt is taken from. */
export const clipSkip = int({
  default: 1,
  min: 1,
  max: 24,
  advanced: true,
  description:
    'Which layer of the text encoder gives the prompt, counted from the end. 1 is the layer that the model was trained with. Many drawing and anime models need 2. SD1.x has 12 layers and SD2.x has 24. SDXL allows 12, the layers of the smaller of its two text encoders.',
})
