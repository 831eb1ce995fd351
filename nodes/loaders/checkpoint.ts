import { factOf } from '#core/types/facts.ts'
import { type Family, type Known, UNKNOWN } from '#core/types/types.ts'
import { defineNode } from '../kit/define-node.ts'
import { nothing } from '../kit/family.ts'
import { choice, clip, file, int, model, vae } from '../kit/ports.ts'

const lacks = (name: Known<string>, part: string) => nothing(`the file ${name} holds no ${part}`)

export default defineNode({
  type: 'checkpoint',
  version: 1,
  category: 'loaders',
  title: 'Checkpoint',
  description: 'Opens a model file and hands out its three parts: model, text encoder (clip) and VAE.',
  docs: `
A checkpoint is what you download as one \`.safetensors\` file, or as a diffusers folder. It is read where it lies: nothing is
converted or copied. Parts that are not linked are not loaded.

Older containers (\`.ckpt\`, \`.pt\`, \`.bin\`) can carry programs and are refused; convert them once, or get the safetensors file.
`,
  inputs: {
    file: file({
      kind: 'checkpoint',
      accept: ['.safetensors'],
      description: 'The model file, by its name in one of the model folders. SD1.x models work in this version.',
    }),
    prediction: choice({
      default: 'auto',
      options: { auto: 'As the file says', epsilon: 'Epsilon', v_prediction: 'v-prediction' },
      advanced: true,
      description:
        'What the model was trained to predict. Change it only if pictures come out as noise or washed out, which happens when the file does not say it.',
    }),
    clipSkip: int({
      default: 1,
      min: 1,
      max: 12,
      advanced: true,
      description:
        'Which layer of the text encoder, counted from its end, the prompt is taken from. 1 is the last; many drawing and anime models want 2. There are at most 12 layers.',
    }),
  },
  outputs: {
    model: model({ optional: true, description: 'The UNet, for a LoRA or a Sampler.' }),
    clip: clip({ optional: true, description: 'The text encoder, for a LoRA or a Prompt.' }),
    vae: vae({ optional: true, description: 'Turns pictures into latents and back, for VAE Encode and VAE Decode.' }),
  },
  infer: ({ file: { name } }, facts) => {
    const fact = factOf(facts, 'checkpoint', name)
    const family: Known<Family> = fact?.family ?? UNKNOWN
    return {
      model: fact?.hasModel === false ? lacks(name, 'model') : { kind: 'model', family },
      clip: fact?.hasClip === false ? lacks(name, 'text encoder') : { kind: 'clip', family },
      vae: fact?.hasVae === false ? lacks(name, 'VAE') : { kind: 'vae', family },
    }
  },
  lower: (plan, { file, prediction, clipSkip }) => ({
    model: plan.unet({ file, prediction }),
    clip: plan.textEncoder({ file, skip: clipSkip }),
    vae: plan.vae({ file }),
  }),
})
