import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LoomError } from '#core/errors.ts'
import type { Dtype } from '#core/formats/safetensors.ts'
import { applyAdapter } from '#engine/adapters/apply.ts'
import { openAdapter } from '#engine/adapters/open.ts'
import { decodeFloats, type NumberDtype } from '#engine/files/decode-numbers.ts'
import { openTensorFile } from '#engine/files/tensor-file.ts'
import { writeSafetensors } from '#engine/files/write-safetensors.ts'
import { inspectFile } from '#engine/inspect.ts'
import { foldedWeight } from '#engine/merge/folded-weight.ts'
import { refsOf } from '#engine/models/parts.ts'
import type { NetworkWeights } from '#engine/models/weights.ts'
import { readEmbedding } from '#engine/text/embeddings.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { torchFile } from '../torch-file.ts'

/** The little-endian bytes of 1 in every dtype that holds numbers. */
const one: Record<NumberDtype, readonly number[]> = {
  F64: [0, 0, 0, 0, 0, 0, 0xf0, 0x3f],
  F32: [0, 0, 0x80, 0x3f],
  F16: [0, 0x3c],
  BF16: [0x80, 0x3f],
  F8_E4M3: [0x38],
  F8_E5M2: [0x3c],
  F8_E4M3FNUZ: [0x40],
  F8_E5M2FNUZ: [0x40],
  I64: [1, 0, 0, 0, 0, 0, 0, 0],
  U64: [1, 0, 0, 0, 0, 0, 0, 0],
  I32: [1, 0, 0, 0],
  U32: [1, 0, 0, 0],
  I16: [1, 0],
  U16: [1, 0],
  I8: [1],
  U8: [1],
  BOOL: [1],
}
const dtypes = Object.keys(one) as NumberDtype[]
const numberless: readonly Dtype[] = ['F4', 'F6_E2M3', 'F6_E3M2', 'F8_E8M0', 'C64']

interface Tensor {
  readonly name: string
  readonly dtype: Dtype
  readonly shape: readonly number[]
  readonly data: Uint8Array
}

const folder = temporaryFolder()

async function write(...tensors: readonly Tensor[]): Promise<string> {
  const path = join(mkdtempSync(join(folder, 'file-')), 'tensors.safetensors')
  await writeSafetensors(path, tensors)
  return path
}

/** Neither infinite, nor NaN, nor -0, nor so small or large that float32 would round it away in a sum. */
const isOrdinary = (value: number) => Object.is(value, 0) || (Math.abs(value) > 1e-6 && Math.abs(value) < 1e18)

/** 32 numbers of a dtype of all its bits, for a tensor of `[4, 8]`. */
function matrix(name: string, dtype: NumberDtype, seed: number): Tensor & { readonly values: Float32Array } {
  const size = one[dtype].length
  const data = new Uint8Array(32 * size)
  let state = seed
  for (let at = 0; at < data.length; at += size) {
    do {
      for (let i = 0; i < size; i++) {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
        data[at + i] = dtype === 'BOOL' ? state >>> 31 : state >>> 24
      }
    } while (!isOrdinary(decodeFloats(dtype, data.subarray(at, at + size))[0] ?? Number.NaN))
  }
  return { name, dtype, shape: [4, 8], data, values: decodeFloats(dtype, data) }
}

async function weightsOf(path: string): Promise<NetworkWeights> {
  const refs = refsOf(await openTensorFile(path))
  return { tensors: new Map(refs.map((ref) => ['layer.weight', ref])), deltas: new Map() }
}

/** The weight `layer.weight` of a file with an adapter at strength 1. */
async function merged(weights: NetworkWeights, path: string): Promise<Float32Array> {
  const { modules } = await openAdapter(path)
  const matches = modules.map((module) => ({ source: path, module, weight: 'layer.weight' }))
  return foldedWeight(applyAdapter(weights, matches, 1), 'layer.weight')
}

const zeros = () => ({ name: 'weight', dtype: 'F32' as const, shape: [4, 8], data: new Uint8Array(128) })
const ones = (name: string, shape: readonly number[], dtype: NumberDtype): Tensor => {
  const count = shape.reduce((product, size) => product * size, 1)
  return { name, shape, dtype, data: Uint8Array.from(Array(count).fill(one[dtype]).flat()) }
}

describe.each(dtypes)('any dtype that holds numbers: %s', (dtype) => {
  it('is read in a checkpoint', async () => {
    const { values, ...tensor } = matrix('weight', dtype, 1)
    expect(await foldedWeight(await weightsOf(await write(tensor)), 'layer.weight')).toEqual(values)
  })

  it('is read in an adapter', async () => {
    const { values, ...tensor } = matrix('lora_unet_x.diff', dtype, 2)
    expect(await merged(await weightsOf(await write(zeros())), await write(tensor))).toEqual(values)
  })

  it('is read as the alpha of an adapter', async () => {
    const alpha = ones('lora_unet_x.alpha', [], dtype)
    const factors = [
      ones('lora_unet_x.lora_up.weight', [4, 2], 'F16'),
      ones('lora_unet_x.lora_down.weight', [2, 8], 'F16'),
    ]
    const { modules } = await openAdapter(await write(...factors, alpha))
    expect(modules.map(({ change }) => change.scale)).toEqual([0.5])
  })

  it.each([[[8]], [[4, 8]], [[1, 4, 8]]])('is read in an embedding of %j', async (shape) => {
    const { values, data, ...tensor } = matrix('emb_params', dtype, 3)
    const rows = shape.length === 1 ? 1 : 4
    const size = rows * 8 * one[dtype].length
    const read = await readEmbedding(await write({ ...tensor, shape, data: data.subarray(0, size) }), 'clip', 8)
    expect(read).toEqual(Array.from({ length: rows }, (_, row) => values.subarray(row * 8, row * 8 + 8)))
  })
})

describe.each(numberless)('%s holds no numbers', (dtype) => {
  const bits = { F4: 4, F6_E2M3: 6, F6_E3M2: 6, F8_E8M0: 8, C64: 64 }[dtype as 'F4']
  const tensor = (name: string): Tensor => ({ name, dtype, shape: [4, 8], data: new Uint8Array(4 * bits) })
  const refusal = { code: 'unsupported', message: expect.stringContaining(`${dtype} holds`) }

  it('in an adapter', async () => {
    await expect(openAdapter(await write(tensor('lora_unet_x.diff')))).rejects.toMatchObject(refusal)
  })

  it('in an embedding', async () => {
    await expect(readEmbedding(await write(tensor('emb_params')), 'clip', 8)).rejects.toMatchObject(refusal)
  })

  it('in a weight', async () => {
    await expect(foldedWeight(await weightsOf(await write(tensor('weight'))), 'layer.weight')).rejects.toMatchObject(
      refusal,
    )
  })
})

it.each<[what: string, shape: readonly number[], says: string, hint: RegExp]>([
  ['is a stack of several', [2, 4, 8], 'no vectors of width 8; its tensors are [2, 4, 8].', /row of vectors/],
  ['has four axes', [1, 1, 4, 8], 'no vectors of width 8; its tensors are [1, 1, 4, 8].', /row of vectors/],
  ['has no vectors', [0, 8], 'no vectors of width 8; its tensors are [0, 8].', /row of vectors/],
  ['is of another family', [4, 6], 'no vectors of width 8; its tensors are [4, 6].', /another family/],
])('refuses an embedding that %s', async (_, shape, says, hint) => {
  const path = await write(ones('emb_params', shape, 'F32'))
  const refusal = { code: 'mismatch', message: expect.stringContaining(says), hint: expect.stringMatching(hint) }
  await expect(readEmbedding(path, 'clip', 8)).rejects.toMatchObject(refusal)
})

it.each<[what: string, shape: readonly number[], rows: number | undefined]>([
  ['one vector', [8], 1],
  ['some', [3, 8], 3],
  ['a batch of one', [1, 3, 8], 3],
  ['a stack of several', [2, 4, 8], undefined],
  ['none', [0, 8], undefined],
])('inspects an embedding of %s as a prompt reads it', async (_, shape, rows) => {
  const path = await write(ones('emb_params', shape, 'F32'))
  const read = await readEmbedding(path, 'clip', 8).catch((error: LoomError) => error)
  const { embedding, problem } = await inspectFile(path)
  expect([embedding?.vectors, problem?.message]).toEqual(
    read instanceof LoomError ? [undefined, read.message] : [read.length, undefined],
  )
  expect(embedding?.vectors).toBe(rows)
})

it('inspects an embedding whose numbers lie column by column as a prompt reads it', async () => {
  const data = new Uint8Array(Float32Array.from({ length: 24 }, (_, index) => index).buffer)
  const path = join(folder, 'columns.pt')
  writeFileSync(path, torchFile([{ name: 'emb_params', dtype: 'F32', shape: [3, 8], strides: [1, 3], data }]))
  const rows = await readEmbedding(path, 'clip', 8)
  expect(rows.map((row) => [row[0], row[1]])).toEqual([
    [0, 3],
    [1, 4],
    [2, 5],
  ])
  expect(await inspectFile(path)).toMatchObject({ kind: 'embedding', embedding: { vectors: 3 } })
})

it.each([Number.NaN, Number.NEGATIVE_INFINITY])('refuses an embedding with %d in it', async (value) => {
  const data = new Uint8Array(new Float32Array([1, 2, 3, 4, 5, 6, 7, value]).buffer)
  const path = await write({ name: 'emb_params', dtype: 'F32', shape: [8], data })
  await expect(readEmbedding(path, 'clip', 8)).rejects.toMatchObject({ code: 'range' })
})
