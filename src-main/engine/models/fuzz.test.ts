import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LoomError } from '#core/errors.ts'
import type { Naming } from '#core/families/family.ts'
import { sortAdapterNames } from '#core/formats/adapter-names.ts'
import { identify } from '#core/formats/identify.ts'
import { readGolden } from '#test/goldens.ts'
import { sortNames } from '../adapters/names.ts'
import { type PartFile, readNetwork } from './keys/network-kind.ts'
import { textEncoder, textEncoder2 } from './keys/text-encoder.ts'
import { unet } from './keys/unet.ts'
import { vae } from './keys/vae.ts'
import type { TensorRef } from './weights.ts'

const ref = (name: string, shape: readonly number[]): TensorRef => ({
  file: '/a',
  name,
  dtype: 'F16',
  shape,
  offset: 0,
  byteLength: 0,
})

const word = fc.constantFrom(
  'down_blocks',
  'lora_up',
  'alpha',
  'weight',
  'constructor',
  '__proto__',
  'lora_A',
  'attn2',
  '0',
  '',
)
const name = fc.oneof(
  fc.string(),
  fc.array(word, { maxLength: 6 }).map((words) => words.join('.')),
)
const size = fc.oneof(fc.nat(8), fc.constantFrom(0, 1, 320, 2 ** 31, 2 ** 53 - 1))
const shape = fc.array(size, { maxLength: 5 })
const tensors = fc.array(fc.tuple(name, shape), { maxLength: 12 })

/** Runs it; only a LoomError may come out. */
function attempt(run: () => unknown): void {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(LoomError)
  }
}

describe('whatever a header says, only a LoomError comes out', () => {
  it('of identifying and of sorting the names of adapters', () => {
    fc.assert(
      fc.property(tensors, (pairs) => {
        const refs = pairs.map(([each, of]) => ref(each, of))
        expect(identify(new Map(pairs.map(([each, of]) => [each, { shape: of }])))).toHaveProperty('kind')
        attempt(() => sortNames(refs))
        for (const [module, , { name }] of sortAdapterNames(new Map(refs.map((each) => [each.name, each]))).pieces) {
          expect(name.startsWith(module)).toBe(true)
        }
      }),
    )
  })

  const networks: readonly (readonly [
    golden: string,
    prefix: string,
    naming: Naming,
    read: (part: PartFile) => unknown,
  ])[] = [
    ['unet-lcm-w', 'model.diffusion_model.', 'ldm', (part) => readNetwork(unet, part, 'sd1')],
    ['vae', 'first_stage_model.', 'ldm', (part) => readNetwork(vae, part, 'sd1')],
    ['openclip-g', 'conditioner.embedders.1.model.', 'ldm', (part) => readNetwork(textEncoder2, part, 'sdxl')],
    ['clip-l', 'cond_stage_model.transformer.', 'diffusers', (part) => readNetwork(textEncoder, part, 'sd1')],
  ]

  it.each(networks)('of reading a damaged %s', (golden, prefix, naming, readPart) => {
    const { weights } = readGolden<{ weights: Record<string, number[]> }>(golden).json
    const whole = Object.entries(weights).map(([each, of]) => [each.slice(prefix.length), of] as const)
    const read = (pairs: readonly (readonly [string, readonly number[]])[]) =>
      readPart({
        naming,
        tensors: new Map(pairs.map(([each, of]) => [each, ref(each, of)])),
      })
    expect(() => read(whole)).not.toThrow()
    const damage = fc.record({ at: fc.nat(whole.length - 1), shape: fc.option(shape), name: fc.option(name) })
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 4 }), (damages) => {
        const pairs: (readonly [string, readonly number[]])[] = [...whole]
        for (const { at, shape: other, name: renamed } of damages) {
          const [oldName, oldShape] = pairs[at] ?? ['', []]
          pairs[at] = [renamed ?? oldName, other ?? oldShape]
        }
        attempt(() => read(pairs))
      }),
    )
  })
})
