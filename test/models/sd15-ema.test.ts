import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openCheckpoint } from '#engine/models/detect.ts'
import type { NetworkWeights } from '#engine/models/weights.ts'
import { sd15EmaTensors, writeSd15Ema } from '../fixtures/sd15-ema.ts'
import { temporaryFolder } from '../golden-networks.ts'

const parameters = (weights: NetworkWeights | undefined) =>
  Array.from(weights?.tensors.values() ?? []).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)

it('detects and accounts for the published SD1.5 EMA checkpoint', async () => {
  const path = writeSd15Ema(join(temporaryFolder(), 'v1-5-pruned.safetensors'))
  const { size, blocks } = statSync(path)
  expect(size).toBeGreaterThan(7.6e9)
  expect(blocks * 512).toBeLessThan(5e6)

  const { unet, textEncoder, vae, unused, ...rest } = await openCheckpoint(path)
  expect(rest).toMatchObject({ family: 'sd1', layout: 'single-file', told: { training: { prediction: 'epsilon' } } })
  const level = (channels: number, depth: number) => ({
    channels,
    heads: 8,
    down: [depth, depth],
    up: [depth, depth, depth],
  })
  expect(unet?.config).toEqual({
    inChannels: 4,
    outChannels: 4,
    channels: 320,
    levels: [level(320, 1), level(640, 1), level(1280, 1), level(1280, 0)],
    middle: { residualBlocks: 2, depth: 1 },
    linearProjection: false,
    contextWidth: 768,
  })
  expect(textEncoder?.config).toEqual({
    width: 768,
    layers: 12,
    heads: 12,
    vocabulary: 49408,
    positions: 77,
    activation: 'quick_gelu',
    padToken: 49407,
    skip: 1,
    finalNorm: true,
  })
  expect(vae?.config).toEqual({
    kind: 'autoencoder-kl',
    latentChannels: 4,
    levels: [128, 256, 512, 512],
    blocks: 2,
    channels: 128,
    scaling: 0.18215,
  })
  expect(parameters(unet?.weights)).toBe(859_520_964)
  expect(parameters(textEncoder?.weights)).toBe(123_060_480)
  expect(parameters(vae?.weights)).toBe(83_653_863)

  const refs = [unet, textEncoder, vae].flatMap((network) => Array.from(network?.weights.tensors.values() ?? []))
  expect(refs).toHaveLength(686 + 196 + 248)
  expect(new Set([...refs, ...unused].map(({ name }) => name))).toEqual(
    new Set(sd15EmaTensors().map(({ name }) => name)),
  )
  expect(refs.length + unused.length).toBe(sd15EmaTensors().length)
  const groups = Map.groupBy(unused, ({ name }) =>
    name.includes('.') ? name.slice(0, name.indexOf('.')) : 'schedules',
  )
  expect(Array.from(groups, ([group, tensors]) => [group, tensors.length]).sort()).toEqual([
    ['cond_stage_model', 1],
    ['model_ema', 688],
    ['schedules', 12],
  ])
})
