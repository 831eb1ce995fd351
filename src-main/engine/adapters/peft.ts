import { z } from 'zod'
import { LoomError } from '#core/errors.ts'

/** The fields of PEFT's configs that change what an adapter's tensors mean. A field that is null counts as absent. */
const peftConfig = z.object({
  peft_type: z.string().optional(),
  r: z.number().nonnegative().optional(),
  lora_alpha: z.number().optional(),
  /** Name of `lora_alpha` in LoHa and LoKr. */
  alpha: z.number().optional(),
  alpha_pattern: z.record(z.string(), z.number()).optional(),
  /** Of AdaLoRA it holds lists, which the tensors follow already. */
  rank_pattern: z.record(z.string(), z.unknown()).optional(),
  use_rslora: z.boolean().optional(),
  /** AdaLoRA divides by the rank that it began with. */
  init_r: z.number().positive().optional(),
  init_lora_weights: z.union([z.boolean(), z.string()]).optional(),
  /** (IA)³: the layers whose inputs are multiplied. */
  feedforward_modules: z.union([z.string(), z.array(z.string())]).optional(),
  use_cayley_neumann: z.boolean().optional(),
  num_cayley_neumann_terms: z.number().int().min(1).max(64).optional(),
  coft: z.boolean().optional(),
  eps: z.number().positive().optional(),
  block_share: z.boolean().optional(),
  use_qalora: z.boolean().optional(),
  use_bdlora: z.unknown().optional(),
  alora_invocation_tokens: z.unknown().optional(),
  arrow_config: z.unknown().optional(),
  kasa_config: z.unknown().optional(),
  monteclora_config: z.unknown().optional(),
})
export type PeftConfig = z.infer<typeof peftConfig>

/** Configs by prefix of their modules: `unet.`, `text_encoder.`, or empty for all. */
export type PeftConfigs = ReadonlyMap<string, PeftConfig>

/**
 * Parses PEFT's configs. diffusers stores those of all networks in one flat object (`unet.r`,
 * `text_encoder.lora_alpha`); PEFT's own `adapter_config.json` has no prefix.
 * @throws LoomError `parse` for invalid JSON or wrong types; `unsupported` for a kind, an initialisation or a variant with
 *   which the tensors are not what they seem
 */
export function parsePeftConfigs(json: string, source: string): PeftConfigs {
  const configs = parse(json, source)
  for (const config of configs.values()) refuseVariants(config)
  return configs
}

function parse(json: string, source: string): PeftConfigs {
  try {
    const flat = z.record(z.string(), z.unknown()).parse(JSON.parse(json))
    const byPrefix = new Map<string, Map<string, unknown>>()
    for (const [key, value] of Object.entries(flat)) {
      const cut = key.indexOf('.') + 1
      const [prefix, field] = [key.slice(0, cut), key.slice(cut)]
      const fields = byPrefix.get(prefix) ?? new Map<string, unknown>()
      byPrefix.set(prefix, fields)
      if (value !== null || calculated.has(field)) fields.set(field, value)
    }
    return new Map(
      Array.from(byPrefix, ([prefix, fields]) => [prefix, peftConfig.parse(Object.fromEntries(fields))] as const),
    )
  } catch (cause) {
    throw new LoomError('parse', `The adapter's settings (${source}) cannot be read: ${faultOf(cause)}.`, {
      hint: 'Without them its strength is unknown; save the adapter again or remove them.',
      cause,
    })
  }
}

/** Fields that PEFT calculates with: without a value it fails, and without the field it takes its default. */
const calculated: ReadonlySet<string> = new Set(['lora_alpha', 'alpha'])

/** "lora_alpha: expected number, received null" */
function faultOf(cause: unknown): string {
  const issue = cause instanceof z.ZodError ? cause.issues[0] : undefined
  if (!issue) return 'they are no JSON'
  const says = issue.message.replace(/^Invalid input: /, '')
  return issue.path.length > 0 ? `${issue.path.join('.')}: ${says}` : says
}

const builtTypes: ReadonlySet<string> = new Set(['LORA', 'ADALORA', 'LOHA', 'LOKR', 'OFT', 'BOFT', 'IA3'])

/** Initialisations that also change the model, so that the factors in the file do not start at zero. */
const changingInit = /^(pissa|olora|corda|loftq|lora_ga)/i

/** Variants of LoRA that compute something else from the same tensors. */
const variants = {
  use_qalora: 'QALoRA',
  use_bdlora: 'BD-LoRA',
  alora_invocation_tokens: 'aLoRA',
  arrow_config: 'Arrow',
  kasa_config: 'KaSA',
  monteclora_config: 'MonteCLoRA',
} as const satisfies { readonly [Field in keyof PeftConfig]?: string }

function refuseVariants(config: PeftConfig): void {
  const { peft_type: type, init_lora_weights: init } = config
  if (type !== undefined && !builtTypes.has(type.toUpperCase())) {
    throw new LoomError('unsupported', `The adapter is of PEFT's kind ${type}.`, { hint: notBuilt })
  }
  if (typeof init === 'string' && changingInit.test(init)) {
    throw new LoomError('unsupported', `The adapter was initialised by ${init}, which also changed the model.`, {
      hint: 'Save it with PEFT as the difference to the original model (path_initial_model_for_weight_conversion).',
    })
  }
  for (const [field, title] of Object.entries(variants)) {
    if (!config[field as keyof typeof variants]) continue
    throw new LoomError('unsupported', `The adapter is of PEFT's kind ${title}.`, { hint: notBuilt })
  }
}

export const notBuilt = 'This kind is not built; take another version of the adapter.'

/** The config of a module's network. */
export function configOf(configs: PeftConfigs, module: string): PeftConfig | undefined {
  for (const [prefix, config] of configs) if (module.startsWith(prefix)) return config
  return undefined
}

/** The alpha and the rank of configs that do not say them (PEFT 0.21). */
const unsaid = 8

/**
 * `alpha / rank` as in PEFT (with rsLoRA `alpha / sqrt(rank)`), or 1 without a config.
 * @param rank rank of the tensors. Without it (LoKr with whole factors), that of the config is used.
 * @throws LoomError `unsupported` for patterns that are no plain names
 */
export function peftScale(config: PeftConfig | undefined, module: string, rank?: number): number {
  if (!config) return 1
  const alpha = matching(config.alpha_pattern, module) ?? config.lora_alpha ?? config.alpha ?? unsaid
  const divisor = rank ?? Number(matching(config.rank_pattern, module) ?? config.r ?? unsaid)
  if (!(divisor > 0)) return 1
  // the small number is PEFT's
  if (config.peft_type === 'ADALORA') return (alpha > 0 ? alpha : divisor) / ((config.init_r ?? divisor) + 1e-5)
  return alpha / (config.use_rslora ? Math.sqrt(divisor) : divisor)
}

/** The value for a module whose path ends in the pattern. PEFT takes regular expressions; people write names. */
function matching<T>(patterns: Readonly<Record<string, T>> | undefined, module: string): T | undefined {
  for (const [pattern, value] of Object.entries(patterns ?? {})) {
    if (/[^\w.-]/.test(pattern)) {
      throw new LoomError('unsupported', `The adapter's settings hold the pattern ${JSON.stringify(pattern)}.`, {
        hint: 'Patterns of layers can only be names or ends of names; save the adapter with such ones.',
      })
    }
    if (endsIn(module, pattern)) return value
  }
  return undefined
}

/** Whether (IA)³ multiplies the inputs of this layer. Undefined without a config. */
export function isFeedforward(config: PeftConfig | undefined, module: string): boolean | undefined {
  const names = config?.feedforward_modules
  if (names === undefined) return undefined
  const list = typeof names === 'string' ? [names] : (names ?? [])
  return list.some((name) => endsIn(module, name))
}

const endsIn = (module: string, name: string): boolean => module === name || module.endsWith(`.${name}`)
