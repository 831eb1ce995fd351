import { families } from '#core/families/families.ts'
import { vaeScaleFactor } from '#core/families/family.ts'
import { type Known, type TypeOf, UNKNOWN } from '#core/types/types.ts'

/** The type of the latent that a VAE encodes from a picture. Pixels that do not fill a latent pixel are cropped. */
export function encoded({ family }: TypeOf<'vae'>, { width, height }: TypeOf<'image'>): TypeOf<'latent'> {
  const whole = (side: Known<number>) => (side === UNKNOWN ? UNKNOWN : side - (side % vaeScaleFactor))
  const channels = family === UNKNOWN ? UNKNOWN : families[family].latents.channels
  return { kind: 'latent', family, channels, width: whole(width), height: whole(height) }
}
