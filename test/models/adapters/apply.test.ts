import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { applyAdapter } from '#engine/adapters/apply.ts'
import { fitAdapter, matchAdapter } from '#engine/adapters/match.ts'
import { openAdapter } from '#engine/adapters/open.ts'
import type { Checkpoint } from '#engine/models/checkpoint.ts'
import { openCheckpoint } from '#engine/models/detect.ts'
import type { NetworkWeights } from '#engine/models/weights.ts'
import { lora, open, openBase } from './adapter-files.ts'

const resource = (name: string) => fileURLToPath(new URL(`../../../resources/models/${name}`, import.meta.url))

let checkpoint: Checkpoint
beforeAll(async () => {
  checkpoint = await openBase()
})

describe('applying', () => {
  const weights: NetworkWeights = { tensors: new Map(), deltas: new Map() }
  const load = async (name: string) =>
    fitAdapter(await openAdapter(resource(name)), await openCheckpoint(resource('emoji-tiny.safetensors'))).unet

  it('fits the embedded adapters whole, and adds them in any order to the same', async () => {
    const [lcm, sketch] = [
      await load('emoji-tiny-lcm-lora.safetensors'),
      await load('emoji-tiny-sketch-lora.safetensors'),
    ]
    expect([lcm.length, sketch.length]).toEqual([277, 277])
    const one = applyAdapter(applyAdapter(weights, lcm, 1), sketch, 0.8)
    const other = applyAdapter(applyAdapter(weights, sketch, 0.8), lcm, 1)
    expect(one).toEqual(other)
    expect(one.deltas.size).toBe(277)
    const scales = one.deltas.get('mid_block.attentions.0.proj_in.weight')?.map(({ strength }) => strength)
    expect(scales).toEqual([1, 0.8])
    expect(weights.deltas.size).toBe(0)
  })

  it('multiplies strength and alpha / rank, and adds nothing at strength 0', async () => {
    const { unet } = matchAdapter(await open({ shapes: lora.kohya }), checkpoint)
    const [deltas] = applyAdapter(weights, unet, -1.5).deltas.values()
    expect(deltas?.[0]).toMatchObject({ strength: -1.5, change: { kind: 'lora', scale: 0.5 } })
    expect(applyAdapter(weights, unet, 0)).toBe(weights)
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('fault 28: strength %d', async (strength) => {
    const { unet } = matchAdapter(await open({ shapes: lora.kohya }), checkpoint)
    expect(() => applyAdapter(weights, unet, strength)).toThrow(/strength of an adapter is/)
  })
})
