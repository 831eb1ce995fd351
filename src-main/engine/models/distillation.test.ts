import { expect, it } from 'vitest'
import { distillationOf } from './distillation.ts'

it.each([
  ['/m/LCM_Dreamshaper_v7/unet.safetensors', { method: 'lcm' }],
  ['/m/lcm-lora-sdxl/pytorch_lora_weights.safetensors', { method: 'lcm' }],
  ['/m/TCD-SDXL-LoRA/pytorch_lora_weights.safetensors', { method: 'tcd' }],
  ['/m/sd_xl_turbo_1.0_fp16.safetensors', { method: 'turbo' }],
  ['/m/sdxl_lightning_4step_lora.safetensors', { method: 'lightning', steps: 4 }],
  ['/m/Hyper-SDXL-8steps-CFG-lora.safetensors', { method: 'hyper', steps: 8, guided: true }],
  ['/m/Hyper-SD15-1step-lora.safetensors', { method: 'hyper', steps: 1 }],
  ['/m/dmd2_sdxl_4step_lora_fp16.safetensors', { method: 'dmd2', steps: 4 }],
])('%s is %j by its name', (path, distilled) => {
  expect(distillationOf({ path })).toEqual(distilled)
})

it.each([
  '/m/dreamshaper_8.safetensors',
  '/m/welcome_mdl.safetensors',
  '/m/calcmode.safetensors',
  '/m/turbine/hypersonic.safetensors',
])('%s says nothing', (path) => {
  expect(
    distillationOf({ path, names: ['lora_unet_down_blocks_0_attentions_0_proj_in.lora_up.weight'] }),
  ).toBeUndefined()
})

it('knows a renamed file by its metadata, a full LCM by its guidance, an LCM-LoRA by its layers', () => {
  const metadata = new Map([['ss_output_name', 'my-lightning-2step']])
  expect(distillationOf({ path: '/m/a.safetensors', metadata })).toEqual({ method: 'lightning', steps: 2 })
  expect(distillationOf({ path: '/m/a.safetensors', guidanceEmbedding: true })).toEqual({ method: 'lcm', guided: true })
  const down = 'lora_unet_down_blocks_0_'
  const names = ['resnets_0_conv1', 'resnets_0_time_emb_proj', 'downsamplers_0_conv'].map((at) => `${down}${at}.alpha`)
  expect(distillationOf({ path: '/m/a.safetensors', names })).toEqual({ method: 'lcm' })
})
