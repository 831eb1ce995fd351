import type { TaesdConfig, TaesdHalf } from '../config.ts'
import { layer, type NetworkKind, type NetworkTensor, type Source, sizeOf } from './network-kind.ts'

/** `in`, `out`: convolution with bias. `smooth`, `halve`: without. `block`: three convolutions. Others: no weights. */
export type TaesdLayer = 'in' | 'out' | 'smooth' | 'halve' | 'double' | 'relu' | 'block'

const blocks = ['block', 'block', 'block'] as const
const grow = ['double', 'smooth'] as const

/** The layers of each half in the order of diffusers (https://github.com/madebyollin/taesd). */
export const taesdLayers: Record<TaesdHalf, readonly TaesdLayer[]> = {
  encoder: ['in', 'block', 'halve', ...blocks, 'halve', ...blocks, 'halve', ...blocks, 'out'],
  decoder: ['in', 'relu', ...blocks, ...grow, ...blocks, ...grow, ...blocks, ...grow, 'block', 'out'],
}

/** The published decoder counts the clamp before its first layer, so its numbers are one higher. */
const published: Record<TaesdHalf, number> = { encoder: 0, decoder: 1 }

/**
 * A tiny autoencoder: diffusers' AutoencoderTiny with both halves (naming `diffusers`), or a published file of one half
 * with numbered layers (naming `ldm`). Latents of SD1.x and SDXL have the same shape, so only the file name shows the
 * family.
 */
export const taesd: NetworkKind<TaesdConfig> = {
  label: 'tiny autoencoder',
  read,
  tensors: taesdTensors,
  // additional tensors in ComfyUI's combined files
  ignored: /^vae_(scale|shift)$/,
}

function read({ naming, shapeOf, has }: Source): TaesdConfig {
  const first = (half: TaesdHalf) => `${nameIn(naming, half, 0)}.weight`
  const halves = (['encoder', 'decoder'] as const).filter((half) => {
    const name = nameIn(naming, half, 0)
    return has(`${name}.weight`) || has(`${name}.bias`)
  })
  const [half = 'decoder'] = halves
  const last = `${nameIn(naming, 'encoder', taesdLayers.encoder.length - 1)}.weight`
  return {
    kind: 'taesd',
    latentChannels: half === 'decoder' ? sizeOf(shapeOf, first(half), 1) : sizeOf(shapeOf, last, 0),
    channels: sizeOf(shapeOf, first(half), 0),
    halves,
    scaling: 1,
  }
}

function nameIn(naming: Source['naming'], half: TaesdHalf, index: number): string {
  return naming === 'ldm' ? String(index + published[half]) : `${half}.layers.${index}`
}

function* taesdTensors({ latentChannels, channels, halves }: TaesdConfig): Generator<NetworkTensor> {
  for (const half of halves) {
    const [from, to] = half === 'encoder' ? [3, latentChannels] : [latentChannels, 3]
    const shapes: Partial<Record<TaesdLayer, readonly number[]>> = {
      in: [channels, from, 3, 3],
      out: [to, channels, 3, 3],
      smooth: [channels, channels, 3, 3],
      halve: [channels, channels, 3, 3],
      block: [channels, channels, 3, 3],
    }
    for (const [index, kind] of taesdLayers[half].entries()) {
      const shape = shapes[kind]
      if (!shape) continue
      const [name, ldm] = [nameIn('diffusers', half, index), nameIn('ldm', half, index)]
      if (kind === 'block') {
        for (const part of ['conv.0', 'conv.2', 'conv.4']) yield* layer(`${name}.${part}`, `${ldm}.${part}`, shape)
      } else if (kind === 'smooth' || kind === 'halve') {
        yield { name: `${name}.weight`, ldm: `${ldm}.weight`, shape }
      } else {
        yield* layer(name, ldm, shape)
      }
    }
  }
}
