import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Distilled } from '#core/types/distilled.ts'
import { readFact } from '../facts.ts'
import { detectDistillation, distilledKey } from './distillation.ts'

const shipped = (name: string) => readFact(resolve('resources/models', name), 'lora')

/** All that the blocks of a UNet multiply, as LCM-LoRAs and every complete LoCon change it. */
const everyLayer = [
  ...['to_q', 'to_k', 'to_v', 'to_out_0'].map((to) => `attentions_0_transformer_blocks_0_attn1_${to}`),
  ...['ff_net_0_proj', 'ff_net_2'].map((ff) => `attentions_0_transformer_blocks_0_${ff}`),
  ...['proj_in', 'proj_out'].map((projection) => `attentions_0_${projection}`),
  ...['conv1', 'conv2', 'conv_shortcut', 'time_emb_proj'].map((layer) => `resnets_0_${layer}`),
  ...['downsamplers_0_conv', 'upsamplers_0_conv'],
].map((layer) => `lora_unet_down_blocks_0_${layer}`)

describe('evidence, not suspicion', () => {
  it.each<[path: string, Distilled]>([
    ['/m/LCM_Dreamshaper_v7.safetensors', { method: 'lcm' }],
    ['/m/lcm-lora-sdxl/pytorch_lora_weights.safetensors', { method: 'lcm' }],
    ['/m/lcm-sdxl/unet/diffusion_pytorch_model.fp16.safetensors', { method: 'lcm' }],
    [
      '/hub/models--h1t--TCD-SD15-LoRA/snapshots/1d4a8b1d4a8b1d4a8b1d4a8b1d4a8b1d4a8b1d4a/pytorch_lora_weights.safetensors',
      { method: 'tcd' },
    ],
    ['/m/TCD-SDXL-LoRA/pytorch_lora_weights.safetensors', { method: 'tcd' }],
    ['/m/sd_xl_turbo_1.0_fp16.safetensors', { method: 'turbo' }],
    ['/m/sdxl-turbo', { method: 'turbo' }],
    ['/m/DreamShaperXL_v2TurboDpmppSDE.safetensors', { method: 'turbo' }],
    ['/m/sdxl_lightning_4step_lora.safetensors', { method: 'lightning', steps: 4 }],
    ['/m/realvisxlV40_v40LightningBakedvae.safetensors', { method: 'lightning' }],
    ['/m/Hyper-SDXL-8steps-CFG-lora.safetensors', { method: 'hyper', steps: 8, guided: true }],
    ['/m/Hyper-SD15-1step-lora.safetensors', { method: 'hyper', steps: 1 }],
    ['/m/dmd2_sdxl_4step_lora_fp16.safetensors', { method: 'dmd2', steps: 4 }],
    ['/m/pcm_sd15_smallcfg_4step_converted.safetensors', { method: 'pcm', steps: 4 }],
    ['/m/pcm_sdxl_normalcfg_16step_converted.safetensors', { method: 'pcm', steps: 16, guided: true }],
    ['/m/pcm_sdxl_lcmlike_lora_converted.safetensors', { method: 'lcm' }],
    ['/m/flash-sdxl/pytorch_lora_weights.safetensors', { method: 'flash' }],
    // words that may as well be a concept: the artist knows
    ['/m/zeus_lightning_bolts.safetensors', { method: 'lightning' }],
    ['/m/turbo_car.safetensors', { method: 'turbo' }],
    ['/m/portrait-of-lcm.safetensors', { method: 'lcm' }],
  ])('%s hints at %j by its name, which is a question', (path, distilled) => {
    expect(detectDistillation({ paths: [path] })).toMatchObject({ distilled, confidence: 'likely' })
    expect(detectDistillation({ paths: [path], modules: everyLayer.toSpliced(3, 1) })?.confidence).toBe('likely')
  })

  it.each([
    ['a fine-tune', '/m/dreamshaper_8.safetensors'],
    ['letters within a word', '/m/welcome_mdl.safetensors'],
    ['letters within a word', '/m/calcmode.safetensors'],
    ['parts of words', '/m/turbine/hypersonic.safetensors'],
    ['an adjective', '/m/hyper_realistic_v2.safetensors'],
    ['flash as light', '/m/camera_flash_photo.safetensors'],
    ['a preference optimisation, which is no distillation', '/m/spo_sdxl_10ep_4k-data_lora.safetensors'],
    ['a folder of named files', '/m/lightning/water_colour.safetensors'],
    ['a folder of named files', '/m/lcm-loras/ink.safetensors'],
  ])('%s is no hint: %s', (_, path) => {
    expect(detectDistillation({ paths: [path], modules: everyLayer })).toBeUndefined()
  })

  it.each<[what: string, Parameters<typeof detectDistillation>[0], object]>([
    [
      'the input for the guidance scale',
      { paths: ['/m/a.safetensors'], guidanceEmbedding: true },
      { distilled: { method: 'lcm', guided: true }, confidence: 'certain' },
    ],
    [
      'the name of the published LCM-LoRA with its layers',
      { paths: ['/m/lcm-lora-sdv1-5/pytorch_lora_weights.safetensors'], modules: everyLayer },
      { distilled: { method: 'lcm' }, confidence: 'certain' },
    ],
    [
      "the same in diffusers' names",
      { paths: ['/m/lcm_lora.safetensors'], modules: everyLayer.map((name) => name.replace('lora_unet_', 'unet.')) },
      { distilled: { method: 'lcm' }, confidence: 'certain' },
    ],
    [
      'what the program itself declared',
      { paths: ['/m/a.safetensors'], metadata: new Map([[distilledKey, '{"method":"lightning","steps":4}']]) },
      { distilled: { method: 'lightning', steps: 4 }, confidence: 'certain' },
    ],
    [
      'a name that says more than the method with the same layers, as a hint',
      { paths: ['/m/lcm-lora-ink.safetensors'], modules: everyLayer },
      { distilled: { method: 'lcm' }, confidence: 'likely' },
    ],
    [
      'a title that mentions LCM-LoRA with the same layers, as a hint',
      {
        paths: ['/m/ink.safetensors'],
        modules: everyLayer,
        metadata: new Map([['modelspec.title', 'Ink, made for LCM-LoRA']]),
      },
      { confidence: 'likely', evidence: 'its title, "Ink, made for LCM-LoRA",' },
    ],
    [
      'the name in a document, where the path is the hash of a download cache',
      { paths: ['lightning_4step.safetensors', '/hub/blobs/0f3a'] },
      { distilled: { method: 'lightning', steps: 4 }, confidence: 'likely' },
    ],
    [
      'the name that the trainer gave, as a hint',
      { paths: ['/m/a.safetensors'], metadata: new Map([['ss_output_name', 'my-lightning-2step']]) },
      { distilled: { method: 'lightning', steps: 2 }, confidence: 'likely' },
    ],
  ])('takes %s', (_, file, detected) => {
    expect(detectDistillation(file)).toMatchObject(detected)
  })

  it('gives nothing for layers alone, since every LoCon has them, nor for the model that an adapter was trained on', () => {
    expect(detectDistillation({ paths: ['/m/a.safetensors'], modules: everyLayer })).toBeUndefined()
    for (const json of ['{"method":"magic"}', '{', 'null', '{"method":"lcm","steps":-1}']) {
      expect(
        detectDistillation({ paths: ['/m/a.safetensors'], metadata: new Map([[distilledKey, json]]) }),
      ).toBeUndefined()
    }
    const metadata = new Map([['ss_sd_model_name', 'sd_xl_turbo_1.0.safetensors']])
    expect(detectDistillation({ paths: ['/m/a.safetensors'], modules: everyLayer, metadata })).toBeUndefined()
  })

  it('is certain of the LCM-LoRA that the program brings, and sees nothing in its style', async () => {
    expect(await shipped('emoji-tiny-lcm-lora.safetensors')).toMatchObject({
      distillation: { distilled: { method: 'lcm' }, confidence: 'certain' },
    })
    expect(await shipped('emoji-tiny-sketch-lora.safetensors')).not.toHaveProperty('distillation')
  })

  const cases = resolve('../shared/cases')
  it.skipIf(!existsSync(cases)).each([
    ['style-locon-taken-for-lcm/plain-locon.safetensors', undefined],
    ['concept-name-taken-for-method/zeus_lightning_bolts.safetensors', 'likely'],
  ])('%s', async (file, confidence) => {
    const fact = await readFact(resolve(cases, file), 'lora')
    expect(fact.kind === 'lora' && fact.distillation?.confidence).toBe(confidence)
  })
})
