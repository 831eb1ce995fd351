import { int } from '../kit/ports.ts'

/** How few pixels the largest self-attention looks at. */
export const keyStride = int({
  label: 'Attention Stride',
  default: 1,
  min: 1,
  max: 4,
  advanced: true,
  description:
    'The largest self-attention looks at every n-th pixel of the latent in both directions: 1 at all, as the model was trained; 2 at a quarter of them; up to 4. Steps of large pictures are faster, and fine detail changes.',
})

/** The attribute of the step; none for the network as it was trained. */
export const strideOf = (keyStride: number): { readonly keyStride?: number } => (keyStride > 1 ? { keyStride } : {})
