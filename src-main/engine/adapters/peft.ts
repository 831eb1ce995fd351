import { z } from 'zod'
import { LoomError } from '#core/errors.ts'

/** The fields of a PEFT `LoraConfig`, `LoHaConfig` or `LoKrConfig` that scale the adapter. */
const peftConfig = z.object({
  r: z.number().positive().optional(),
  lora_alpha: z.number().optional(),
  /** Name of `lora_alpha` in LoHa and LoKr. */
  alpha: z.number().optional(),
  alpha_pattern: z.record(z.string(), z.number()).nullish(),
  use_rslora: z.boolean().nullish(),
})
type PeftConfig = z.infer<typeof peftConfig>

/** Configs by prefix of their modules: `unet.`, `text_encoder.`, or empty for all. */
export type PeftConfigs = ReadonlyMap<string, PeftConfig>

/**
 * Parses PEFT's configs. diffusers stores those of all networks in one flat object (`unet.r`,
 * `text_encoder.lora_alpha`); PEFT's own `adapter_config.json` has no prefix.
 * @throws LoomError `parse` for invalid JSON or wrong types
 */
export function parsePeftConfigs(json: string, source: string): PeftConfigs {
  try {
    const flat = z.record(z.string(), z.unknown()).parse(JSON.parse(json))
    const byPrefix = new Map<string, Map<string, unknown>>()
    for (const [key, value] of Object.entries(flat)) {
      const cut = key.indexOf('.') + 1
      const prefix = key.slice(0, cut)
      byPrefix.set(prefix, (byPrefix.get(prefix) ?? new Map()).set(key.slice(cut), value))
    }
    return new Map(
      Array.from(byPrefix, ([prefix, fields]) => [prefix, peftConfig.parse(Object.fromEntries(fields))] as const),
    )
  } catch (cause) {
    throw new LoomError('parse', `The adapter's settings (${source}) cannot be read.`, {
      hint: 'Without them its strength is unknown; save the adapter again or remove them.',
      cause,
    })
  }
}

/**
 * `alpha / rank` as in PEFT (with rsLoRA `alpha / sqrt(rank)`), or 1 without a config.
 * @param rank rank of the tensors. Without it (LoKr with whole factors), that of the config is used.
 */
export function peftScale(configs: PeftConfigs, module: string, rank?: number): number {
  for (const [prefix, config] of configs) {
    if (!module.startsWith(prefix)) continue
    const path = module.slice(prefix.length)
    const own = Object.entries(config.alpha_pattern ?? {}).find(([name]) => path === name || path.endsWith(`.${name}`))
    const alpha = own?.[1] ?? config.lora_alpha ?? config.alpha
    const divisor = rank ?? config.r
    if (alpha !== undefined && divisor !== undefined) {
      return alpha / (config.use_rslora ? Math.sqrt(divisor) : divisor)
    }
  }
  return 1
}
