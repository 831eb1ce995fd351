import { beforeAll, describe, expect, it } from 'vitest'
import { identify } from '#core/formats/identify.ts'
import { matchAdapter } from '#engine/adapters/match.ts'
import { openAdapter } from '#engine/adapters/open.ts'
import { readFact } from '#engine/facts.ts'
import { inspectFile } from '#engine/inspect.ts'
import type { Checkpoint } from '#engine/models/checkpoint.ts'
import { lora, openBase, rename, type Shapes, weightsOf, without, write } from './adapter-files.ts'

let checkpoint: Checkpoint
let weights: readonly string[] = []
beforeAll(async () => {
  checkpoint = await openBase()
  weights = weightsOf(matchAdapter(await openAdapter(write({ shapes: unetOnly })), checkpoint))
})

const unetOnly = without(lora.peft, /^text_encoder/)
/** The layers of the UNet without a word before them, in diffusers' names and in those of a checkpoint. */
const bare: Readonly<Record<string, Shapes>> = {
  diffusers: rename(unetOnly, (name) => name.replace(/^unet\./, '')),
  ldm: rename(unetOnly, (name) => {
    const [, layer = '', ending = ''] = /^unet\.(.*)(\.lora_[AB]\.weight)$/.exec(name) ?? []
    const ldm = lora.diffusers_to_ldm[`${layer}.weight`] ?? ''
    return `${ldm.replace(/^model\.diffusion_model\.|\.weight$/g, '')}${ending}`
  }),
}

/** Words that programs and trainers write before the names of layers, and words that nobody knows. */
const known = ['model.diffusion_model.', 'diffusion_model.', 'unet.', 'model.', 'module.', 'state_dict.model.', '']
const strange = ['net.', 'ema_unet.', 'a.b.c.', 'student.unet_lora.']
const endings: readonly [readonly [up: string, down: string], ...(readonly [up: string, down: string])[]] = [
  ['.lora_B.weight', '.lora_A.weight'],
  ['.lora_up.weight', '.lora_down.weight'],
  ['.lora.up.weight', '.lora.down.weight'],
  ['.lora_B.default.weight', '.lora_A.default.weight'],
]

describe('the endings of names make an adapter, whatever stands before them', () => {
  const cases = [...known, ...strange].flatMap((prefix) =>
    Object.entries(bare).map(([naming, shapes]) => [prefix, naming, shapes] as const),
  )
  const turn = cases.map(([prefix, naming, shapes], index) => {
    const [up, down] = endings[index % endings.length] ?? endings[0]
    return { prefix, naming, shapes, up, down }
  })

  it.each(turn)('"$prefix" before the names of $naming, with $up', async ({ prefix, shapes, up, down }) => {
    const named = rename(shapes, (name) => prefix + name.replace('.lora_B.weight', up).replace('.lora_A.weight', down))
    const path = write({ shapes: named })
    const coverage = matchAdapter(await openAdapter(path), checkpoint)
    expect([coverage.unmatched, weightsOf(coverage)]).toEqual([[], weights])
    const { kind, is, notice } = await inspectFile(path)
    expect([kind, is, notice !== undefined]).toEqual(['adapter', 'an adapter (LoRA)', strange.includes(prefix)])
    expect(await readFact(path, 'lora')).toMatchObject(
      notice === undefined ? { kind: 'lora' } : { kind: 'lora', notice },
    )
  })

  it.each(['cond_stage_model.transformer.', 'conditioner.embedders.0.transformer.', 'text_encoder.', ''])(
    '"%s" before the names of the text encoder',
    async (prefix) => {
      const text = without(lora.peft, /^unet\./)
      const { textEncoder, unmatched } = matchAdapter(
        await openAdapter(write({ shapes: rename(text, (name) => name.replace(/^text_encoder\./, prefix)) })),
        checkpoint,
      )
      expect([textEncoder.length, unmatched]).toEqual([12, []])
    },
  )

  it('and a network in which an adapter was left is a network', () => {
    const inside = rename(lora.weights, (name) => name)
    const few = Object.entries(unetOnly).slice(0, 10)
    const tensors = new Map([...Object.entries(inside), ...few].map(([name, shape]) => [name, { shape }]))
    expect(identify(tensors).kind).toBe('checkpoint')
  })

  it('and the text encoder of another family is not that of this one without its word', async () => {
    const text = rename(without(lora.peft, /^unet\./), (name) => name.replace(/^text_encoder\./, 'text_encoder_2.'))
    const { textEncoder } = matchAdapter(await openAdapter(write({ shapes: text })), checkpoint)
    expect(textEncoder).toEqual([])
  })
})

describe('an adapter is called by its kind', () => {
  it.each<[is: string, endings: Readonly<Record<string, readonly number[]>>]>([
    ['an adapter (LoRA)', { 'lora_up.weight': [8, 4], 'lora_down.weight': [4, 8] }],
    [
      'an adapter (LoRA, LoCon)',
      { 'lora_up.weight': [8, 4], 'lora_down.weight': [4, 8], 'lora_mid.weight': [4, 4, 3, 3] },
    ],
    ['an adapter (AdaLoRA)', { lora_A: [4, 8], lora_B: [8, 4], lora_E: [4, 1] }],
    ['an adapter (LoRA, DoRA)', { 'lora_up.weight': [8, 4], 'lora_down.weight': [4, 8], dora_scale: [8, 1] }],
    ['an adapter (LoHa)', { hada_w1_a: [4, 2], hada_w1_b: [2, 4], hada_w2_a: [4, 2], hada_w2_b: [2, 4] }],
    ['an adapter (LoKr)', { lokr_w1: [4, 4], lokr_w2: [4, 4] }],
    ['an adapter (GLoRA)', { 'a1.weight': [2, 4], 'a2.weight': [4, 2], 'b1.weight': [2, 4], 'b2.weight': [4, 2] }],
    ['an adapter (OFT)', { oft_blocks: [2, 4, 4] }],
    ['an adapter (BOFT)', { oft_blocks: [2, 2, 4, 4] }],
    ['an adapter (BOFT)', { boft_R: [2, 2, 4, 4], boft_s: [8, 1] }],
    ['an adapter (IA³)', { ia3_l: [8, 1] }],
    ['an adapter (whole differences)', { diff: [8, 8] }],
    ['an adapter (norms)', { w_norm: [8], b_norm: [8] }],
    ['an adapter of the kind VeRA (PEFT)', { vera_lambda_b: [8] }],
    ['an adapter of the kind the first OFT of LyCORIS (oft_diag)', { oft_diag: [4, 2, 2] }],
  ])('%s', (is, tensors) => {
    for (const module of ['lora_unet_mid_block_attentions_0_proj_in', 'net.mid_block.attentions.0.proj_in']) {
      const named = Object.entries(tensors).map(([ending, shape]) => [`${module}.${ending}`, { shape }] as const)
      expect(identify(new Map(named))).toMatchObject({ kind: 'adapter', is })
    }
  })

  it('the list of matrices that the first trainer saved', async () => {
    const shapes = { '0': [320, 4], '1': [4, 320], '2': [320, 4], '3': [4, 768] }
    const path = write({ shapes })
    expect(await inspectFile(path)).toMatchObject({
      kind: 'adapter',
      is: expect.stringMatching(/the first LoRA format/),
    })
    await expect(openAdapter(path)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/4 tensors of the first LoRA format \(a list\), which numbers the layers/),
    })
    for (const other of [{ '0': [2, 768] }, { '0': [320, 4], '1': [5, 320] }, { '0': [4, 768], '1': [4, 768] }]) {
      expect(identify(new Map(Object.entries(other).map(([name, shape]) => [name, { shape }]))).kind).not.toBe(
        'adapter',
      )
    }
  })
})
