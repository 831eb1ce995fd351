import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openAdapter } from '#engine/adapters/open.ts'
import { inspectFile } from '#engine/inspect.ts'
import { lora, type Shapes, write } from './adapter-files.ts'

/** A tensor of each kind that is not built, named as the tool names it on a layer. */
const kinds: readonly (readonly [title: string, name: string])[] = [
  ['AdaMSS (PEFT)', 'PEFT.adamss_A'],
  ['BEFT (PEFT)', 'PEFT.beft_bias'],
  ['C3A (PEFT)', 'PEFT.c3a_kernel'],
  ['Cartridge (PEFT)', 'trainable_embedding'],
  ['DEFT (PEFT)', 'PEFT.deft_P'],
  ['DeLoRA (PEFT)', 'PEFT.delora_A'],
  ['FourierFT (PEFT)', 'PEFT.fourierft_spectrum'],
  ['FRoD (PEFT)', 'PEFT.frod_lambda_l'],
  ['GLoRA of PEFT', 'PEFT.glora_A.Xd'],
  ['GraLoRA (PEFT)', 'PEFT.gralora_A'],
  ['HiRA (PEFT)', 'PEFT.hira_A'],
  ['HRA (PEFT)', 'PEFT.hra_u'],
  ['Lily (PEFT)', 'PEFT.lily_A.weight'],
  ['LN-tuning (PEFT)', 'base_model.model.mid_block.attentions.0.norm.ln_tuning_layers.weight'],
  ['a LoRA on token embeddings (PEFT)', 'base_model.model.embeddings.token_embedding.lora_embedding_A'],
  ['MiSS or Bone (PEFT)', 'PEFT.miss_block'],
  ['MiSS or Bone (PEFT)', 'PEFT.bone_block'],
  ['an older OFT of PEFT', 'PEFT.oft_r'],
  ['an older OFT of PEFT', 'PEFT.oft_R'],
  ['OSF (PEFT)', 'PEFT.osf_svd_params.U_low'],
  ['PEANuT (PEFT)', 'PEFT.peanut_A.weight'],
  ['Poly (PEFT)', 'PEFT.poly_lora_A'],
  ['prompt tuning, P-tuning or prefix tuning (PEFT)', 'prompt_embeddings'],
  ['prompt tuning, P-tuning or prefix tuning (PEFT)', 'prefix_task_cols'],
  ['PSOFT (PEFT)', 'PEFT.psoft_R.weight'],
  ['PVeRA (PEFT)', 'PEFT.pvera_lambda_b'],
  ['RandLoRA (PEFT)', 'PEFT.randlora_lambda'],
  ['RandLoRA (PEFT)', 'base_model.randlora_A'],
  ['RoAd (PEFT)', 'PEFT.road_theta'],
  ['Shadow (PEFT)', 'PEFT.shadow_down.weight'],
  ['SHiRA (PEFT)', 'PEFT.shira_weight'],
  ['Supertuning (PEFT)', 'PEFT.supertuning_lora_A'],
  ['TinyLoRA (PEFT)', 'PEFT.tinylora_v'],
  ['trainable tokens (PEFT)', 'base_model.model.embeddings.token_embedding.trainable_tokens_delta'],
  ['the LLaMA adapter (PEFT)', 'base_model.model.layers.0.self_attn.adaption_gate'],
  ['UniLoRA (PEFT)', 'PEFT.unilora_theta_d'],
  ['VB-LoRA (PEFT)', 'PEFT.vblora_logits_A'],
  ['VeRA (PEFT)', 'PEFT.vera_lambda_d'],
  ['VeRA (PEFT)', 'base_model.vera_A'],
  ['WaveFT (PEFT)', 'PEFT.waveft_spectrum'],
  ['X-LoRA (PEFT)', 'base_model.internal_xlora_classifier.inner.0.weight'],
  ['T-LoRA (LyCORIS)', 'LYCORIS.q_layer.weight'],
  ['T-LoRA (LyCORIS)', 'LYCORIS.lambda_layer'],
  ['the first OFT of LyCORIS (oft_diag)', 'LYCORIS.oft_diag'],
  ['the first LoRA format (unet:0:up)', 'unet:0:up'],
  ['the first LoRA format (unet:0:up)', 'text_encoder:11:down'],
  ['SVDiff', 'mid_block.attentions.0.proj_in.delta'],
  ['weights of another shape (reshape_weight)', 'LYCORIS.reshape_weight'],
]
/** A plain LoRA's module. */
const plain: Shapes = {
  'lora_unet_conv_in.lora_up.weight': [32, 4],
  'lora_unet_conv_in.lora_down.weight': [4, 4, 3, 3],
}
const named = (name: string) =>
  name
    .replace('PEFT.', 'base_model.model.mid_block.attentions.0.proj_in.')
    .replace('LYCORIS.', 'lora_unet_mid_block_attentions_0_proj_in.')

describe('adapters of every tool that are not built', () => {
  it.each(kinds)('%s is refused by name (%s)', async (title, name) => {
    for (const others of [{}, plain]) {
      const path = write({ shapes: { ...others, [named(name)]: [4, 4] } })
      await expect(openAdapter(path)).rejects.toMatchObject({
        code: 'unsupported',
        message: expect.stringContaining(`1 tensors of ${title}`),
        hint: expect.stringMatching(/not built/),
      })
      const { kind, adapter, problem } = await inspectFile(path)
      expect([kind, adapter?.kinds.some((each) => each.startsWith(title))]).toEqual(['adapter', true])
      expect(problem?.message).not.toMatch(/no adapter/)
    }
  })
})

describe('what is no adapter that can be used', () => {
  const files: readonly (readonly [what: string, shapes: Shapes, code: string, message: RegExp, hint: RegExp])[] = [
    [
      'an adapter of a kind that is not known yet',
      { 'base_model.model.mid_block.attentions.0.proj_in.novel_kind': [4, 4] },
      'unsupported',
      /It is an adapter of a kind that is not known here; it has base_model\.model\.mid_block.*novel_kind\.$/,
      /not built/,
    ],
    ['an embedding', { emb_params: [2, 768] }, 'mismatch', /it is a textual-inversion embedding\.$/, /embedding:NAME/],
    [
      'an embedding of diffusers',
      { '<toy>': [2, 768] },
      'mismatch',
      /textual-inversion embedding\.$/,
      /embedding:NAME/,
    ],
    ['an embedding of any name', { 'my toy': [768] }, 'mismatch', /textual-inversion embedding\.$/, /embedding:NAME/],
    ['an embedding for SDXL', { clip_l: [2, 768], clip_g: [2, 1280] }, 'mismatch', /embedding\.$/, /embedding:NAME/],
    [
      'a Control-LoRA',
      { lora_controlnet: [1], 'input_hint_block.0.weight': [16, 3, 3, 3] },
      'mismatch',
      /it is a ControlNet\.$/,
      /Take a LoRA file/,
    ],
  ]

  it.each(files)('%s is called what it is', async (_, shapes, code, message, hint) => {
    const path = write({ shapes })
    await expect(openAdapter(path)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    })
  })
})

describe("PEFT's settings that change what the tensors mean", () => {
  const settings: readonly (readonly [what: string, config: object, message: RegExp])[] = [
    ['another kind', { peft_type: 'NEWEST' }, /PEFT's kind NEWEST/],
    ['PiSSA', { init_lora_weights: 'pissa_niter_16' }, /initialised by pissa_niter_16, which also changed the model/],
    ['OLoRA', { init_lora_weights: 'olora' }, /initialised by olora/],
    ['CorDA', { init_lora_weights: 'corda' }, /initialised by corda/],
    ['LoftQ', { init_lora_weights: 'loftq' }, /initialised by loftq/],
    ['LoRA-GA', { init_lora_weights: 'lora_ga' }, /initialised by lora_ga/],
    ['QALoRA', { use_qalora: true }, /is of PEFT's kind QALoRA\./],
    ['BD-LoRA', { use_bdlora: { nblocks: 2 } }, /is of PEFT's kind BD-LoRA\./],
    ['aLoRA', { alora_invocation_tokens: [1, 2] }, /is of PEFT's kind aLoRA\./],
    ['Arrow', { arrow_config: {} }, /is of PEFT's kind Arrow\./],
    ['KaSA', { kasa_config: {} }, /is of PEFT's kind KaSA\./],
    ['MonteCLoRA', { monteclora_config: {} }, /is of PEFT's kind MonteCLoRA\./],
    ['a pattern', { alpha_pattern: { '.*to_q': 3 } }, /the pattern "\.\*to_q"/],
  ]

  it.each(settings)('%s is refused, beside the file and inside', async (_, config, message) => {
    const whole = { peft_type: 'LORA', r: 4, lora_alpha: 8, ...config }
    const path = write({ shapes: lora.peft, file: 'adapter_model.safetensors' })
    writeFileSync(join(path, '../adapter_config.json'), JSON.stringify(whole))
    const inside = Object.fromEntries(Object.entries(whole).map(([key, value]) => [`unet.${key}`, value]))
    const metadata = { lora_adapter_metadata: JSON.stringify(inside) }
    const refusal = { code: 'unsupported', message: expect.stringMatching(message), hint: expect.any(String) }
    await expect(openAdapter(path)).rejects.toMatchObject(refusal)
    await expect(openAdapter(write({ shapes: lora.peft, metadata }))).rejects.toMatchObject(refusal)
  })

  it.each(['eva', 'gaussian', 'orthogonal', 'mica', true, false])(
    'the initialisation %s is none of them',
    async (init) => {
      const metadata = { lora_adapter_metadata: JSON.stringify({ 'unet.r': 4, 'unet.init_lora_weights': init }) }
      await expect(openAdapter(write({ shapes: lora.peft, metadata }))).resolves.toBeDefined()
    },
  )
})
