import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openAdapter, readAdapterHeader } from '#engine/adapters/open.ts'
import { inspectFile } from '#engine/inspect.ts'
import { specsOf, writeSparse } from '../../sparse.ts'
import { folder, lora, rename, type Shapes, write } from './adapter-files.ts'

/** A module of 128 inputs and outputs in every kind, with what an inspection tells of it. */
const scaled = { ranks: [8], scales: [0.5, 0.5] }
const lowRank: Shapes = { 'lora_down.weight': [8, 128], 'lora_up.weight': [128, 8], alpha: [] }
const hada: Shapes = { hada_w1_a: [128, 8], hada_w1_b: [8, 128], hada_w2_a: [128, 8], hada_w2_b: [8, 128], alpha: [] }
const glora: Shapes = { 'a1.weight': [128, 8], 'a2.weight': [8, 128], 'b1.weight': [128, 8], 'b2.weight': [8, 128] }
const kinds: readonly (readonly [kinds: string, tensors: Shapes, report: object])[] = [
  ['lora', lowRank, scaled],
  ['lora, tucker', { ...lowRank, 'lora_mid.weight': [8, 8] }, scaled],
  ['dora, lora', { ...lowRank, dora_scale: [128, 1] }, scaled],
  ['loha', hada, scaled],
  ['lokr', { lokr_w1: [4, 4], lokr_w2_a: [32, 8], lokr_w2_b: [8, 32], alpha: [] }, scaled],
  ['lokr', { lokr_w1: [4, 4], lokr_w2: [32, 32], alpha: [] }, { ranks: [] }],
  ['glora', { ...glora, alpha: [] }, scaled],
  ['bias, difference', { diff: [128, 128], diff_b: [128] }, { ranks: [], modules: 2 }],
  ['difference', { set_weight: [128, 128] }, { ranks: [] }],
]
const moduleOf = (tensors: Shapes) => rename(tensors, (ending) => `lora_unet_mid_block_attentions_0_proj_in.${ending}`)

describe('inspection', () => {
  it.each(kinds)('names %s, its ranks and scales, and what it covers', async (kinds, tensors, report) => {
    const against = writeSparse(join(folder, 'against.safetensors'), specsOf(lora.weights))
    const { kind, adapter } = await inspectFile(write({ shapes: moduleOf(tensors), alpha: 4 }), against)
    expect([kind, adapter?.kinds.toSorted().join(', ')]).toEqual(['adapter', kinds])
    const { modules: total = 0 } = adapter ?? {}
    expect(adapter).toMatchObject({ modules: 1, unknown: [], ...report, fit: { fits: true, matched: total, total } })
  })

  it.each(kinds)('tells whether %s is to be folded', async (kinds, tensors) => {
    const { foldedOnly = false } = await readAdapterHeader(write({ shapes: moduleOf(tensors), alpha: 4 }))
    expect(foldedOnly).toBe(!['lora', 'lora, tucker'].includes(kinds))
  })
})

describe('tensors that do not fit together', () => {
  const broken: readonly (readonly [what: string, tensors: Shapes, code: string, message: RegExp])[] = [
    ['a LoHa without one factor', { hada_w1_a: [4, 2], hada_w1_b: [2, 4], hada_w2_a: [4, 2] }, 'parse', /no hada_w2_b/],
    [
      'a LoHa of two sizes',
      { hada_w1_a: [4, 2], hada_w1_b: [2, 4], hada_w2_a: [4, 2], hada_w2_b: [2, 5] },
      'mismatch',
      /multiplies \[4,4\] by \[4,5\]/,
    ],
    ['a LoKr without its second factor', { lokr_w1: [4, 4] }, 'parse', /no lokr_w2_a/],
    [
      'a core of another rank',
      { 'lora_down.weight': [4, 8, 1, 1], 'lora_up.weight': [8, 4, 1, 1], 'lora_mid.weight': [3, 4, 3, 3] },
      'mismatch',
      /do not fit: up is \[8, 4, 1, 1\], down is \[4, 8, 1, 1\], mid is \[3, 4, 3, 3\]/,
    ],
    ['a rotation of odd triangles', { 'oft_R.weight': [4, 5] }, 'mismatch', /\[4,5\], which are no square blocks/],
    ['a rotation of oblong blocks', { oft_blocks: [4, 4, 5] }, 'mismatch', /\[4,4,5\], which are no square blocks/],
    ['a butterfly of odd blocks', { boft_R: [2, 4, 3, 3] }, 'mismatch', /which are no square blocks/],
    ['a rotation of huge blocks', { oft_blocks: [1, 5120, 5120] }, 'unsupported', /blocks of 5120 rows/],
    [
      'a rotation with factors of another size',
      { oft_blocks: [4, 2, 2], rescale: [9, 1] },
      'mismatch',
      /for 8 outputs/,
    ],
    ['a gain without its kind', { weight: [8] }, 'parse', /has a weight and no known kind/],
    [
      'singular values of another rank',
      { lora_A: [2, 8], lora_B: [8, 2], lora_E: [3, 1] },
      'mismatch',
      /\[3,1\] singular values for the rank 2/,
    ],
    ['magnitudes alone', { dora_scale: [4, 1] }, 'parse', /magnitude and no direction/],
    [
      'magnitudes of another size',
      { 'lora_A.weight': [2, 8], 'lora_B.weight': [8, 2], lora_magnitude_vector: [7] },
      'mismatch',
      /magnitudes \[7\] for a weight \[8,8\]/,
    ],
  ]

  it.each(broken)('fault 28: %s', async (_, tensors, code, message) => {
    const path = writeSparse(join(mkdtempSync(join(folder, 'broken-')), 'a.safetensors'), specsOf(moduleOf(tensors)))
    await expect(openAdapter(path)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })
})
