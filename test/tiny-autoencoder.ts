import { readGolden } from './goldens.ts'
import type { TensorValues } from './tensor-file.ts'
import { goldenTensor } from './weights.ts'

/** The golden case of a tiny autoencoder. */
export const tinyAutoencoder = readGolden<{
  readonly tolerance: number
  readonly salt: number
  readonly gain: number
  readonly weights: Readonly<Record<string, readonly number[]>>
}>('taesd')

type Half = 'encoder' | 'decoder'

/** Its tensors with diffusers' names, or one half with the numbers of the published files as names. */
export function tinyTensors(half?: Half): TensorValues[] {
  const { salt, gain, weights } = tinyAutoencoder.json
  return Object.entries(weights).flatMap(([name, shape]) => {
    const values = goldenTensor(name, shape, { salt, gain })
    if (half === undefined) return [{ name, shape, values }]
    const [, of, index, rest = ''] = /^(encoder|decoder)\.layers\.(\d+)(.*)$/.exec(name) ?? []
    // the published decoder counts the clamp before its first layer
    const number = Number(index) + (half === 'decoder' ? 1 : 0)
    return of === half ? [{ name: `${number}${rest}`, shape, values }] : []
  })
}
