import { type BaseFamily, baseFamilies, baseFamilyIds, sameLatents, vaeFamilyIds } from '#core/families/families.ts'
import type { TypeOf } from '#core/types/types.ts'
import { optionOf } from '../kit/narrowed.ts'
import { choice } from '../kit/ports.ts'

type Scaling = 'auto' | BaseFamily

/** Who has the VAE of a family, and its scaling: "SD1.x and SD2.x: 0.18215". */
function titleOf(family: BaseFamily): string {
  const owners = baseFamilyIds.filter((other) => sameLatents(family, other)).map((other) => baseFamilies[other].name)
  return `${owners.join(' and ')}: ${baseFamilies[family].latents.scaling}`
}

const options = Object.fromEntries([
  ['auto', 'As the file says'],
  ...vaeFamilyIds.map((family) => [family, titleOf(family)]),
]) as Readonly<Record<Scaling, string>>

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
export function scalingOf(chosen: Scaling): { scaling?: BaseFamily } {
  return chosen === 'auto' ? {} : { scaling: chosen }
}

/** The same of an input whose choice may not be known yet. */
export function chosenFamily(scaling: TypeOf<'choice'>): BaseFamily | undefined {
  const chosen = optionOf(scaling, options)
  return chosen === 'auto' ? undefined : chosen
}
