import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openTensorFile, withTensors } from '#engine/files/tensor-file.ts'
import { writeSafetensors } from '#engine/files/write-safetensors.ts'
import { singleFileLayout } from '#engine/merge/layout.ts'
import { tensorSource } from '#engine/merge/tensor-data.ts'
import type { Checkpoint } from '#engine/models/checkpoint.ts'
import { openCheckpoint } from '#engine/models/detect.ts'
import { sd15EmaTensors } from '../fixtures/sd15-ema.ts'
import { goldenCheckpoint, temporaryFolder } from '../golden-networks.ts'
import { writeSparse } from '../sparse.ts'

const folder = temporaryFolder()

async function copyOf(checkpoint: Checkpoint, name: string) {
  const path = join(folder, name)
  await writeSafetensors(
    path,
    singleFileLayout(checkpoint, checkpoint.family).map((tensor) => tensorSource(tensor, 'F16')),
  )
  return openTensorFile(path)
}

const shapes = (tensors: Iterable<readonly [string, { readonly shape: readonly number[] }]>) =>
  Object.fromEntries(Array.from(tensors, ([name, { shape }]) => [name, shape]))

test('SD1.5 is laid out as the published file, convolutions of the VAE for its attention too', async () => {
  const published = sd15EmaTensors().filter(({ name, dtype }) => dtype === 'F32' && !name.startsWith('model_ema.'))
  const checkpoint = await openCheckpoint(writeSparse(join(folder, 'sd15.safetensors'), published))
  const unused = new Set(checkpoint.unused.map(({ name }) => name))
  const expected = published.filter(({ name }) => !unused.has(name)).map((tensor) => [tensor.name, tensor] as const)
  const layout = singleFileLayout(checkpoint, checkpoint.family)
  expect(shapes(layout.map((tensor) => [tensor.name, tensor]))).toEqual(shapes(expected))
})

test('SDXL is copied byte by byte, its fused in-projections put together again', async () => {
  const path = goldenCheckpoint('pipeline-sdxl')
  const [original, copy] = [await openTensorFile(path), await copyOf(await openCheckpoint(path), 'sdxl.safetensors')]
  expect(shapes(copy.header.tensors)).toEqual(shapes(original.header.tensors))
  await withTensors(original, (readOriginal) =>
    withTensors(copy, async (readCopy) => {
      for (const name of original.header.tensors.keys()) {
        expect([name, Buffer.compare(await readCopy(name), await readOriginal(name))]).toEqual([name, 0])
      }
    }),
  )
})

test("a linear projection of a diffusers folder becomes OpenCLIP's matrix", async () => {
  const checkpoint = await openCheckpoint(goldenCheckpoint('pipeline-sdxl'))
  const { textEncoder2 } = checkpoint
  const stored = textEncoder2?.weights.tensors.get('text_projection.weight')
  if (!textEncoder2 || !stored) throw new Error('The golden has no projection.')
  const { turned: _, ...linear } = stored
  const tensors = new Map(textEncoder2.weights.tensors).set('text_projection.weight', linear)
  const name = 'conditioner.embedders.1.model.text_projection'
  const values = async (file: Awaited<ReturnType<typeof copyOf>>) =>
    withTensors(file, async (read) => new Uint16Array((await read(name)).slice().buffer))
  const matrix = await values(await copyOf(checkpoint, 'matrix.safetensors'))
  const weights = { ...textEncoder2.weights, tensors }
  const turned = await values(
    await copyOf({ ...checkpoint, textEncoder2: { ...textEncoder2, weights } }, 'linear.safetensors'),
  )
  const [width = 0] = stored.shape
  expect(turned).toEqual(matrix.map((_, i) => matrix[(i % width) * width + Math.floor(i / width)] ?? 0))
  expect(turned).not.toEqual(matrix)
})
