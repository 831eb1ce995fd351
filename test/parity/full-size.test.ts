import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openCheckpoint } from '#engine/models/detect.ts'
import type { Model } from '#engine/models/networks/model.ts'
import { buildTextEncoder } from '#engine/models/networks/text-encoder.ts'
import { buildUnet } from '#engine/models/networks/unet.ts'
import { buildVaeDecoder, buildVaeEncoder } from '#engine/models/networks/vae.ts'
import { operands } from '#engine/onnx/ir.ts'
import { cpuTime } from '../cpu-time.ts'
import { writeSd15Ema } from '../fixtures/sd15-ema.ts'
import { temporaryFolder } from '../golden-networks.ts'

function weightsUsed(...models: readonly Model[]): number {
  const values = models.flatMap(({ graph }) => graph.nodes.flatMap(operands))
  return new Set(values.filter((value) => value?.origin.kind === 'weight').map((value) => value?.name)).size
}

test('the networks of SD1.5 use every tensor that detection gives them, and build in a moment', async () => {
  const { unet, vae, textEncoder } = await openCheckpoint(writeSd15Ema(join(temporaryFolder(), 'sd15.safetensors')))
  if (!unet || !vae || !textEncoder) throw new Error('The checkpoint is incomplete.')
  // a bound against accidents, far above what the benchmark measures
  expect(cpuTime(() => expect(buildUnet(unet).bytes().length).toBeLessThan(500_000))).toBeLessThan(2000)
  expect(weightsUsed(buildUnet(unet))).toBe(unet.weights.tensors.size)
  expect(weightsUsed(buildTextEncoder({ textEncoder, skip: 1 }))).toBe(textEncoder.weights.tensors.size)
  expect(weightsUsed(buildVaeEncoder(vae), buildVaeDecoder(vae))).toBe(vae.weights.tensors.size)
})
