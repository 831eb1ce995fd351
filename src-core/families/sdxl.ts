import type { BuiltFamily, FamilyVariant } from './family.ts'
import { depthOf, type Header, hasUnet, hasVector } from './header.ts'
import { clipL, openClipG, penultimate } from './towers.ts'

/** arXiv 2307.01952 */
export const sdxl: BuiltFamily = {
  title: 'Stable Diffusion XL',
  name: 'SDXL',
  matches: (header) => hasVector(header) || header.has(/^conditioner\.embedders\./),
  adapterNames: /^(lora_te2_|lycoris_text_encoder_2_|text_encoder_2\.)/,
  latents: {
    channels: 4,
    scaling: 0.13025,
    rgbFactors: [
      [0.18255, 0.2116, 0.21705],
      [-0.12665, -0.0021, 0.0534],
      [0.0538, 0.05555, -0.0181],
      [-0.15825, -0.1246, -0.1094],
      [0.5542, 0.49125, 0.49945],
    ],
    tinyDecoders: ['vae_approx/taesdxl_decoder.safetensors', 'vae_approx/taesdxl.safetensors'],
  },
  vaeNames: { full: /sd-?xl|(^|[^a-z])xl/i, tiny: /taesd[-_]?xl/i },
  contextWidth: 2048,
  heads: (channels) => Math.max(1, Math.floor(channels / 64)),
  prediction: 'epsilon',
  pictureSize: { epsilon: 1024, v_prediction: 1024, sample: 1024 },
  zeroForNoText: true,
  // section 2.1 of the paper
  textEncoder: {
    ...clipL,
    skip: penultimate,
    finalNorm: false,
    place: { prefix: 'conditioner.embedders.0.transformer.', naming: 'diffusers' },
    kohya: 'lora_te1',
  },
  textEncoder2: {
    ...openClipG,
    skip: penultimate,
    finalNorm: false,
    place: { prefix: 'conditioner.embedders.1.model.', naming: 'ldm' },
    kohya: 'lora_te2',
  },
  modelspec: 'stable-diffusion-xl-v1-base',
  transformers: {
    down: [[], [2, 2], [10, 10]],
    middle: 10,
    up: [
      [10, 10, 10],
      [2, 2, 2],
    ],
  },
}

/** Whether the transformer of the middle block is missing, as in distilled models. */
const hasNoMiddle = (header: Header): boolean =>
  hasUnet(header) && depthOf(header, 'middle_block.1', 'mid_block.attentions.0') === 0

/** SDXL's distilled models. They are recognised by the layers that they lack. */
export const sdxlVariants = {
  koala: {
    of: sdxl,
    title: 'KOALA',
    model: 'a KOALA',
    matches: (header) =>
      hasUnet(header) && !header.has(/(^|\.)(input_blocks\.2\.0\.in_layers|down_blocks\.0\.resnets\.1)\./),
  },
  'ssd-1b': {
    of: sdxl,
    title: 'SSD-1B',
    model: 'an SSD-1B',
    // the third transformer of the up path keeps all its blocks
    matches: (header) =>
      hasNoMiddle(header) &&
      depthOf(header, 'output_blocks.2.1', 'up_blocks.0.attentions.2') >
        depthOf(header, 'output_blocks.0.1', 'up_blocks.0.attentions.0'),
    transformers: {
      down: [[], [2, 2], [4, 4]],
      middle: 0,
      up: [
        [4, 4, 10],
        [2, 1, 1],
      ],
    },
  },
  vega: {
    of: sdxl,
    title: 'Segmind-Vega',
    model: 'a Segmind-Vega',
    matches: hasNoMiddle,
    transformers: {
      down: [[], [1, 1], [2, 2]],
      middle: 0,
      up: [
        [2, 2, 2],
        [1, 1, 1],
      ],
    },
  },
} satisfies Readonly<Record<string, FamilyVariant>>
