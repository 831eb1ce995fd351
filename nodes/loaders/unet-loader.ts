import { factOf } from '#core/types/facts.ts'
import { defineNode } from '../kit/define-node.ts'
import { distillation } from '../kit/distilled.ts'
import { file, model } from '../kit/ports.ts'
import { keyStride, strideOf } from './key-stride.ts'
import { adviseOnModel, modelOf, training, trainingOf } from './training.ts'

export default defineNode({
  type: 'unet-loader',
  version: 1,
  category: 'loaders',
  title: 'Load UNet',
  description: 'Opens a UNet file without text encoder and VAE: the part of a model that denoises.',
  docs: `
Distilled models, such as the full LCM of SDXL or SDXL-Lightning, are often published as the UNet alone. Take the text
encoder and the VAE from a Checkpoint of the same family.

The node reads files with diffusers names, files with single-file names, diffusers folders with one network, and whole
checkpoints. Of a whole checkpoint it takes the UNet.
`,
  inputs: {
    file: file({
      kind: 'unet',
      accept: ['.safetensors'],
      description: 'The UNet file, by its name in one of the model folders.',
    }),
    ...training,
    distillation,
    keyStride,
  },
  outputs: { model: model({ description: 'The UNet, for a LoRA or a Sampler.' }) },
  infer: (inputs, facts) => ({ model: modelOf(factOf(facts, 'unet', inputs.file.name), inputs) }),
  advise: (inputs, facts) => adviseOnModel(factOf(facts, 'unet', inputs.file.name), inputs),
  lower: (plan, { file, prediction, zeroSnr, keyStride }) => ({
    model: plan.step('unet', {}, { file, ...trainingOf({ prediction, zeroSnr }), ...strideOf(keyStride) }),
  }),
})
