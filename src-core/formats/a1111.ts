export interface GenerationParameters {
  readonly prompt: string
  readonly negative: string
  readonly steps: number
  /** A1111's name: `LCM`, `DDIM`, `Euler a`, `DPM++ 2M Karras`. */
  readonly sampler: string
  /** A1111's name (since 1.9), for a schedule that is not part of the sampler's name: `SGM Uniform`, `Beta`. */
  readonly scheduleType?: string | undefined
  readonly cfg: number
  /** Unsigned 64 bit, in decimal. */
  readonly seed?: string | undefined
  readonly width: number
  readonly height: number
  /** Name of the checkpoint without its extension. */
  readonly model: string
  /** SHA-256 in hexadecimal. The text contains its first ten digits (AutoV2). */
  readonly modelHash?: string | undefined
  readonly loras: readonly { readonly name: string; readonly strength: number }[]
  /** Denoising strength of image to image. */
  readonly denoise?: number | undefined
  /** A second sampling at a larger size ("Hires. fix"). `upscaler` is A1111's name. */
  readonly highResolutionFix?:
    | { readonly upscale: number; readonly steps: number; readonly upscaler: string }
    | undefined
}

/**
 * The `parameters` text of a picture in A1111's format, which Civitai reads: the prompt with a `<lora:name:strength>`
 * for each adapter, the negative prompt, and a line of fields that begins with `Steps: `. Separators of that line are
 * removed from names rather than quoted, because Civitai drops quoted values.
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

/** Indents a prompt's line that begins with `Steps: `, because readers take the first such line for the fields. */
const promptText = (text: string): string => text.replace(/\r\n?/g, '\n').replace(/^(?=Steps: )/gm, ' ')

const plain = (name: string): string => name.replace(/[<>:,"\p{Cc}]+/gu, '_')

/** A number with at most six decimals and no exponent. */
const decimal = (value: number): string => String(Number(value.toFixed(6)))
