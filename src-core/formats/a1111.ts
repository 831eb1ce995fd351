export interface GenerationParameters {
  readonly prompt: string
  readonly negative: string
  readonly steps: number
  /** As A1111 names it: `LCM`, `DDIM`, `Euler a`, `DPM++ 2M Karras`. */
  readonly sampler: string
  /** As A1111 names it from 1.9 on, where the sampler's name does not hold it: `SGM Uniform`, `Beta`. */
  readonly scheduleType?: string | undefined
  readonly cfg: number
  /** Unsigned 64 bit, in decimal. */
  readonly seed?: string | undefined
  readonly width: number
  readonly height: number
  /** Name of the checkpoint without its extension. */
  readonly model: string
  /** SHA-256 in hexadecimal; its first ten digits are written (AutoV2). */
  readonly modelHash?: string | undefined
  readonly loras: readonly { readonly name: string; readonly strength: number }[]
  /** Denoising strength of image to image. */
  readonly denoise?: number | undefined
  /** A second drawing of the picture, scaled up: `upscaler` as A1111 names it. */
  readonly highResolutionFix?:
    | { readonly upscale: number; readonly steps: number; readonly upscaler: string }
    | undefined
}

/**
 * The `parameters` text of a picture as A1111 writes it and Civitai reads it: the prompt with a `<lora:name:strength>` for
 * each adapter, the negative prompt, and a line of fields that begins with `Steps: `. Names lose the characters that
 * the line is split at, since Civitai drops quoted values.
 */
export function formatParameters(parameters: GenerationParameters): string {
  const { prompt, negative, steps, sampler, scheduleType, cfg, seed, width, height } = parameters
  const { model, modelHash, loras, denoise, highResolutionFix: fix } = parameters
  const tags = loras.map(({ name, strength }) => `<lora:${plain(name)}:${decimal(strength)}>`)
  const fields: [string, string | number | undefined][] = [
    ['Steps', steps],
    ['Sampler', plain(sampler)],
    ['Schedule type', scheduleType],
    ['CFG scale', decimal(cfg)],
    ['Seed', seed],
    ['Size', `${width}x${height}`],
    ['Model hash', modelHash?.slice(0, 10).toLowerCase()],
    ['Model', plain(model)],
    ['Denoising strength', denoise === undefined ? undefined : decimal(denoise)],
    ['Hires upscale', fix && decimal(fix.upscale)],
    ['Hires steps', fix?.steps],
    ['Hires upscaler', fix?.upscaler],
    ['Version', 'Latent Loom'],
  ]
  return [
    promptText([prompt, ...tags].filter((part) => part !== '').join(' ')),
    ...(negative === '' ? [] : [`Negative prompt: ${promptText(negative)}`]),
    fields.flatMap(([key, value]) => (value === undefined ? [] : [`${key}: ${value}`])).join(', '),
  ].join('\n')
}

/** Readers take the first line that begins with `Steps: ` for the fields; a prompt's own is moved by a space. */
const promptText = (text: string): string => text.replace(/\r\n?/g, '\n').replace(/^(?=Steps: )/gm, ' ')

const plain = (name: string): string => name.replace(/[<>:,"\p{Cc}]+/gu, '_')

/** Six decimals at most, never an exponent. */
const decimal = (value: number): string => String(Number(value.toFixed(6)))
