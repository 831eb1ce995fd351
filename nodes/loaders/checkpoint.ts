import type { Family } from '#core/families/families.ts'
import { factOf } from '#core/types/facts.ts'
import { type Known, UNKNOWN } from '#core/types/types.ts'
import { defineNode } from '../kit/define-node.ts'
import { distillation } from '../kit/distilled.ts'
import { nothing } from '../kit/family.ts'
import { clip, file, model, vae } from '../kit/ports.ts'
import { clipSkip } from './clip-skip.ts'
import { keyStride, strideOf } from './key-stride.ts'
import { adviseOnModel, modelOf, training, trainingOf } from './training.ts'
import { scalingOf, vaeScaling } from './vae-scaling.ts'

const lacks = (name: Known<string>, part: string) => nothing(`the file ${name} holds no ${part}`)

export default defineNode({
  type: 'checkpoint',
  version: 1,
  category: 'loaders',
  title: 'Checkpoint',
  description: 'Opens a model file and gives its three parts: model, text encoder (clip) and VAE.',
  docs: `
A checkpoint is one \`.safetensors\` file or a diffusers folder. It is read in place; nothing has to be converted.
Parts that are not linked are not loaded.

Older containers (\`.ckpt\`, \`.pt\`, \`.bin\`) are read too, without executing what they may contain. A file that holds
more than tensors is refused.
`,
  inputs: {
    file: file({
      kind: 'checkpoint',
      accept: ['.safetensors'],
      description:
        "The model file, by its name in one of the model folders: SD1.x, SD2.x, SDXL, or SDXL's smaller relatives SSD-1B and Segmind-Vega.",
    }),
    ...training,
    distillation,
    clipSkip,
    vaeScaling,
    keyStride,
  },
  outputs: {
    model: model({ optional: true, description: 'The UNet, for a LoRA or a Sampler.' }),
    clip: clip({ optional: true, description: 'The text encoder, for a LoRA or a Prompt.' }),
    vae: vae({ optional: true, description: 'Converts pictures to latents and back, for VAE Encode and VAE Decode.' }),
  },
  infer: (inputs, facts) => {
    const { name } = inputs.file
    const fact = factOf(facts, 'checkpoint', name)
    const family: Known<Family> = fact?.family ?? UNKNOWN
    return {
      model: fact?.hasModel === false ? lacks(name, 'model') : modelOf(fact, inputs),
      clip: fact?.hasClip === false ? lacks(name, 'text encoder') : { kind: 'clip', family },
      vae: fact?.hasVae === false ? lacks(name, 'VAE') : { kind: 'vae', family },
    }
  },
  advise: (inputs, facts) => adviseOnModel(factOf(facts, 'checkpoint', inputs.file.name), inputs),
  lower: (plan, { file, prediction, zeroSnr, keyStride, clipSkip, vaeScaling }) => ({
    model: plan.step('unet', {}, { file, ...trainingOf({ prediction, zeroSnr }), ...strideOf(keyStride) }),
    clip: plan.step('text-encoder', {}, { file, skip: clipSkip }),
    vae: plan.step('vae', {}, { file, ...scalingOf(vaeScaling) }),
  }),
})
