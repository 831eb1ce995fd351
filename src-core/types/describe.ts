import { type Family, families } from '../families/families.ts'
import { distillations } from './distilled.ts'
import { type FileKind, type Kind, type Known, type Type, type TypeOf, UNKNOWN } from './types.ts'

export const fileKinds: Record<FileKind, string> = {
  checkpoint: 'a checkpoint file',
  unet: 'a UNet file',
  'text-encoder': 'a text encoder file',
  vae: 'a VAE file',
  lora: 'a LoRA file',
  image: 'a picture file',
}

/** "a model", "a Stable Diffusion XL model". */
const ofFamily =
  (noun: string) =>
  ({ family }: { family: Known<Family> }): string =>
    `a ${family === UNKNOWN ? '' : `${families[family].title} `}${noun}`

const sized = (noun: string, { width, height }: { width: Known<number>; height: Known<number> }): string =>
  width === UNKNOWN || height === UNKNOWN ? noun : `${noun} of ${width} x ${height} pixels`

const phrases: { readonly [K in Kind]: (type: TypeOf<K>) => string } = {
  model: (type) =>
    `${ofFamily('model')(type)}${type.distilled ? ` distilled with ${distillations[type.distilled.method]}` : ''}`,
  clip: ofFamily('text encoder'),
  vae: ofFamily('VAE'),
  conditioning: ofFamily('conditioning'),
  latent: (type) => sized(type.channels === UNKNOWN ? 'a latent' : `a latent with ${type.channels} channels`, type),
  image: (type) => sized('an image', type),
  mask: () => 'a mask',
  scheduler: ({ summary }) => (summary === undefined ? 'a scheduler' : `a scheduler (${summary})`),
  controlnet: () => 'a ControlNet',
  int: ({ min, max, multipleOf }) => {
    if (min === max) return `the whole number ${min}`
    return multipleOf === 1
      ? `a whole number from ${min} to ${max}`
      : `a multiple of ${multipleOf} from ${min} to ${max}`
  },
  float: ({ min, max }) => (min === max ? `the number ${min}` : `a number from ${min} to ${max}`),
  text: () => 'a text',
  seed: () => 'a seed from 0 to 2^64 - 1',
  choice: ({ options }) => (options.length === 1 ? `the choice ${options[0]}` : `one of ${options.join(', ')}`),
  file: ({ of, name }) => (name === UNKNOWN ? fileKinds[of] : `${fileKinds[of]} (${name})`),
  list: ({ of }) => `a list, each item ${describe(of)}`,
  unknown: () => 'something that this version does not know',
  nothing: ({ reason }) => `nothing: ${reason}`,
}

const phraseOf = <K extends Kind>(kind: K, type: TypeOf<K>): string => phrases[kind](type)

/** What a value of this type is, as a noun phrase: "a latent with 4 channels of 512 x 512 pixels". */
export function describe(type: Type): string {
  return phraseOf(type.kind, type)
}
