import { describe, expect, it, test } from 'vitest'
import {
  baseFamilies,
  baseFamilyIds,
  builtNames,
  defaultFamily,
  families,
  familyIds,
  familyNamed,
  sameLatents,
  vaeFamilyNamed,
} from './families.ts'

describe('families', () => {
  it('are told apart by what they are recognised by', () => {
    const marks = [
      familyIds.map((id) => families[id].name),
      familyIds.map((id) => families[id].title),
      baseFamilyIds.map((id) => baseFamilies[id].contextWidth),
      baseFamilyIds.map((id) => baseFamilies[id].modelspec),
      baseFamilyIds.flatMap((id) => {
        const { textEncoder, textEncoder2 } = baseFamilies[id]
        return [textEncoder, ...(textEncoder2 ? [textEncoder2] : [])].map(({ place }) => place.prefix)
      }),
    ]
    for (const mark of marks) expect(new Set<unknown>(mark).size).toBe(mark.length)
  })

  it('are found by their names', () => {
    for (const id of familyIds) expect(familyNamed(families[id].name)).toBe(id)
    expect(familyNamed('PixArt')).toBeUndefined()
  })

  it('are listed for sentences', () => {
    expect(builtNames).toBe('SD1.x, SD2.x or SDXL')
  })

  it('give a preview a row per channel, and one that is there always', () => {
    for (const id of baseFamilyIds) {
      const { channels, rgbFactors } = baseFamilies[id].latents
      expect(rgbFactors).toHaveLength(channels + 1)
    }
  })

  it('have as many channels as an empty latent', () => {
    const { channels } = baseFamilies[defaultFamily].latents
    for (const id of baseFamilyIds) expect(baseFamilies[id].latents.channels).toBe(channels)
  })

  it('share latents where they share a VAE', () => {
    expect(sameLatents('sd1', 'sd2')).toBe(true)
    expect(sameLatents('sd1', 'sdxl')).toBe(false)
  })
})

test.each([
  ['taesd_decoder.safetensors', 'sd1'],
  ['taesd', 'sd1'],
  ['taesdxl_decoder.safetensors', 'sdxl'],
  ['TAESD-XL.safetensors', 'sdxl'],
  ['taesd3_decoder.safetensors', undefined],
  ['decoder.safetensors', undefined],
])('the name %s says of the family: %s', (name, family) => {
  expect(vaeFamilyNamed(name, 'tiny')).toBe(family)
})
