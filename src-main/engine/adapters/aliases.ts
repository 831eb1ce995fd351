import type { NetworkTensor } from '../models/keys/network-kind.ts'

/**
 * Every name that adapters give a weight, without `.weight`. Underscored names cannot be parsed (`to_out_0` or `to.out.0`?), so they are
 * built from each weight of the network and looked up.
 */
export const aliases = { unet: unetAliases, textEncoder: textEncoderAliases } as const

const underscored = (path: string): string => path.replaceAll('.', '_')

function unetAliases(tensor: NetworkTensor): string[] {
  const [path, ldm] = [modulePath(tensor.name), modulePath(tensor.ldm)]
  return [
    // kohya's trainer, LCM-LoRA and LyCORIS
    `lora_unet_${underscored(path)}`,
    `lora_unet_${underscored(ldm)}`,
    `lycoris_${underscored(path)}`,
    `lycoris_unet_${underscored(path)}`,
    // PEFT and diffusers
    ...[path, oldProcessorPath(path)].flatMap((each) => [each, `unet.${each}`]),
    `base_model.model.${path}`,
    `unet.base_model.model.${path}`,
    // ComfyUI
    `diffusion_model.${ldm}`,
    `model.diffusion_model.${ldm}`,
  ]
}

function textEncoderAliases({ name }: NetworkTensor): string[] {
  const path = modulePath(name)
  const old = path.replace(/self_attn\.(q|k|v|out)_proj$/, 'self_attn.to_$1')
  return [
    `lora_te_${underscored(path)}`,
    `lora_te1_${underscored(path)}`,
    `lycoris_text_encoder_${underscored(path)}`,
    ...[path, ...(old === path ? [] : [old])].flatMap((each) => [each, `text_encoder.${each}`]),
    `base_model.model.${path}`,
    `text_encoder.base_model.model.${path}`,
  ]
}

const modulePath = (name: string): string => name.slice(0, -'.weight'.length)

/** diffusers before PEFT kept attention's adapters in its processors: `attn1.processor.to_q`, `attn1.processor.to_out`. */
function oldProcessorPath(path: string): string {
  return path.replace(/\.(attn[12])\.(to_[qkv]|to_out)(\.0)?$/, '.$1.processor.$2')
}
