import { families } from '#core/families/families.ts'
import { vaeScaleFactor } from '#core/families/family.ts'
import { type Known, type TypeOf, UNKNOWN } from '#core/types/types.ts'

/** The latent that a VAE makes of a picture; what does not fill a cell is cut off. */
export function encoded({ family }: TypeOf<'vae'>, { width, height }: TypeOf<'image'>): TypeOf<'latent'> {
  const whole = (side: Known<number>) => (side === UNKNOWN ? UNKNOWN : side - (side % vaeScaleFactor))
  const channels = family === UNKNOWN ? UNKNOWN : families[family].latents.channels
  return { kind: 'latent', family, channels, width: whole(width), height: whole(height) }
}
