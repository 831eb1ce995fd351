import type { BaseFamily, TypeOf } from '#core/types/types.ts'
import { optionOf } from '../kit/narrowed.ts'
import { choice } from '../kit/ports.ts'

const options = { auto: 'As the file says', sd1: 'SD1.x and SD2.x: 0.18215', sdxl: 'SDXL: 0.13025' }

/** The family whose scaling of latents a VAE has. */
export const vaeScaling = choice({
  default: 'auto',
  options,
  advanced: true,
  label: 'VAE scaling',
  description:
    'The factor that latents are multiplied by. Each model family was trained with its own. The wrong one makes pictures pale or glaring.',
})

/** The family that was chosen, if the file is not to say it. */
export function scalingOf(chosen: 'auto' | 'sd1' | 'sdxl'): { scaling?: BaseFamily } {
  return chosen === 'auto' ? {} : { scaling: chosen }
}

/** The same of an input whose choice may not be known yet. */
export function chosenFamily(scaling: TypeOf<'choice'>): BaseFamily | undefined {
  const chosen = optionOf(scaling, options)
  return chosen === 'auto' ? undefined : chosen
}
