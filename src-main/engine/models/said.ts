import { z } from 'zod'
import type { Betas } from '#core/families/training.ts'
import type { Schedule, SigmaSchedule, Spacing } from '#core/plan/scheduler.ts'
import { TRAINING_STEPS } from '#core/plan/timesteps.ts'
import type { Said } from './training.ts'

/*
 * How files say what their UNet was trained on: marker tensors, metadata, and the scheduler config of a folder.
 */

type Says = Omit<Said, 'by'>

const flow = 'flow matching'

/** Spellings of the prediction type without their dashes, dots and capitals. The first match wins. */
const spellings: readonly (readonly [RegExp, Says])[] = [
  [/flow|rectified|^rf$/, { foreign: flow }],
  [/edm/, { foreign: 'EDM noise levels' }],
  [/^(e|eps|epsilon|noise)(pred|prediction|param|parameterization)?$/, { prediction: 'epsilon' }],
  [/^(v|vel|velocity)(pred|prediction|param|parameterization)?$/, { prediction: 'v_prediction' }],
  [
    /^(v|vel|velocity)(pred|prediction)?(and|with)?(zsnr|ztsnr|zerosnr|zeroterminalsnr)$/,
    { prediction: 'v_prediction', zeroSnr: true },
  ],
  [/^(sample|originalsample|x0|xstart|x0hat)(pred|prediction|param|parameterization)?$/, { prediction: 'sample' }],
  [/^(none|null|unknown|auto)?$/, {}],
]

/** What the name of a prediction type says, in any program's spelling. */
export function spelled(name: string): Says {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '')
  const says = spellings.find(([pattern]) => pattern.test(plain))?.[1] ?? { foreign: 'an unknown prediction type' }
  return says.foreign === undefined ? says : { foreign: `${says.foreign} ("${name}")` }
}

/** Tensors without meaning as numbers, whose presence says how a model was trained; the first match wins. */
const markers: readonly (readonly [names: readonly string[], Says])[] = [
  [['edm_mean', 'edm_std'], { foreign: 'EDM noise levels (as Playground 2.5)' }],
  [
    ['edm_vpred.sigma_max', 'edm_vpred.sigma_min'],
    { foreign: 'continuous EDM noise levels and v-prediction (as CosXL)' },
  ],
  [['v_pred'], { prediction: 'v_prediction' }],
]

/** What a single file says, the most reliable first: the tensors were put there on purpose, metadata is inherited. */
export function saidByFile(names: Pick<ReadonlySet<string>, 'has'>, metadata: ReadonlyMap<string, string>): Said[] {
  const marker = markers.find(([any]) => any.some((name) => names.has(name)))?.[1]
  const zeroSnr = names.has('ztsnr') && ({ zeroSnr: true } as const)
  return [
    { by: `a tensor that marks it (${names.has('v_pred') ? 'v_pred' : 'ztsnr'})`, ...marker, ...zeroSnr },
    ...saidBySpec(metadata),
    { by: "its trainer's metadata", ...saidByTrainer(metadata) },
  ]
}

/** Names of the prediction type in metadata: Stability's model spec, ComfyUI, diffusers. */
const predictionKeys = ['modelspec.prediction_type', 'modelspec.predict_key', 'prediction_type'] as const

/** The two SD2.x of Stability's model spec. */
const architectures: readonly (readonly [RegExp, Says])[] = [
  [/v2-768-v\b/, { prediction: 'v_prediction' }],
  [/v2-512\b/, { prediction: 'epsilon' }],
]

function saidBySpec(metadata: ReadonlyMap<string, string>): Said[] {
  const named = predictionKeys.map((key): Said => ({ by: `its ${key}`, ...spelled(metadata.get(key) ?? '') }))
  if (named.some(({ prediction, foreign }) => prediction ?? foreign)) return named
  const architecture = metadata.get('modelspec.architecture') ?? ''
  return [{ by: 'its model spec', ...architectures.find(([pattern]) => pattern.test(architecture))?.[1] }]
}

/** Names of zero terminal SNR: kohya's, and those of marker tensors and of diffusers. */
const zeroSnrKeys = ['ss_zero_terminal_snr', 'zero_terminal_snr', 'ztsnr', 'rescale_betas_zero_snr'] as const

function saidByTrainer(metadata: ReadonlyMap<string, string>): Says {
  const velocity = flagOf(metadata.get('ss_v_parameterization') ?? metadata.get('v_pred'))
  const prediction = velocity === undefined ? undefined : velocity ? 'v_prediction' : 'epsilon'
  const zeroSnr = zeroSnrKeys.some((key) => flagOf(metadata.get(key)) === true)
  return { ...(prediction && { prediction }), ...(zeroSnr && { zeroSnr }) }
}

/** Metadata holds only text: Python's `True` and JSON's `true`. */
function flagOf(text: string | undefined): boolean | undefined {
  if (/^(true|1)$/i.test(text ?? '')) return true
  return /^(false|0)$/i.test(text ?? '') ? false : undefined
}

/** Denoisers of Stability's second code base (sgm), by the scaling class that a config names. */
const scalings: Readonly<Record<string, Says>> = {
  VScaling: { prediction: 'v_prediction' },
  EpsScaling: { prediction: 'epsilon' },
  EDMScaling: { foreign: 'EDM noise levels (EDMScaling)' },
  VScalingWithEDMcNoise: { foreign: 'EDM noise levels (VScalingWithEDMcNoise)' },
}

/**
 * What a YAML config of the original code says, as A1111 and its relatives read it beside a model. Three lines of it
 * count, so they are looked for without a parser.
 */
export function saidByConfig(yaml: string): Said {
  const parameterization = /^[ \t]*parameterization:[ \t]*["']?([\w-]+)/m.exec(yaml)?.[1]
  const scaling = /^[ \t]*target:[ \t]*\S*\.(\w*Scaling\w*)[ \t]*$/m.exec(yaml)?.[1] ?? ''
  const zeroSnr = /^[ \t]*(zero_terminal_snr|rescale_betas_zero_snr|ztsnr|zsnr):[ \t]*true\b/im.test(yaml)
  return {
    by: 'the config beside it',
    ...(Object.hasOwn(scalings, scaling) && scalings[scaling]),
    ...(parameterization !== undefined && spelled(parameterization)),
    ...(zeroSnr && { zeroSnr }),
  }
}

/** The fields of `scheduler_config.json` that belong to the model, not to a solver. */
export const schedulerConfig = z.object({
  _class_name: z.string().nullish(),
  prediction_type: z.string().nullish(),
  rescale_betas_zero_snr: z.boolean().nullish(),
  num_train_timesteps: z.number().nullish(),
  beta_schedule: z.string().nullish(),
  beta_start: z.number().nullish(),
  beta_end: z.number().nullish(),
  trained_betas: z.array(z.number()).nullish(),
  timestep_spacing: z.string().nullish(),
  steps_offset: z.number().int().nullish(),
  timestep_type: z.string().nullish(),
  use_karras_sigmas: z.boolean().nullish(),
  use_exponential_sigmas: z.boolean().nullish(),
  use_beta_sigmas: z.boolean().nullish(),
  use_flow_sigmas: z.boolean().nullish(),
})

type SchedulerConfig = z.infer<typeof schedulerConfig>

/** Schedulers of other noise, by the first words of their class. */
const foreignSchedulers: readonly (readonly [RegExp, string])[] = [
  [/^EDM/, 'EDM noise levels'],
  [/^FlowMatch/, flow],
  [/^(CMStochasticIterative|Cosine|KarrasVe|ScoreSde|VQDiffusion|Amused|DDPMWuerstchen)/, 'its own noise levels'],
]

/** What the scheduler config of a diffusers folder says. */
export function saidByScheduler(config: SchedulerConfig): Said {
  const { prediction_type: name, rescale_betas_zero_snr: zeroSnr } = config
  const schedule = scheduleOf(config)
  const betas = betasOf(config)
  const foreign = foreignOf(config) ?? (typeof betas === 'string' ? betas : undefined)
  return {
    by: 'its scheduler config',
    ...spelled(name ?? ''),
    ...(zeroSnr && { zeroSnr }),
    ...(typeof betas === 'object' && { betas }),
    ...(schedule && { schedule }),
    ...(foreign !== undefined && { foreign }),
  }
}

function foreignOf(config: SchedulerConfig): string | undefined {
  const { _class_name: kind, num_train_timesteps: count, timestep_type: timesteps, use_flow_sigmas: flows } = config
  const scheduler = foreignSchedulers.find(([pattern]) => pattern.test(kind ?? ''))
  if (scheduler) return `${scheduler[1]} (${kind})`
  if (flows) return `${flow} (use_flow_sigmas)`
  if (timesteps === 'continuous') return 'continuous timesteps (timestep_type)'
  return typeof count === 'number' && count !== TRAINING_STEPS ? `${count} timesteps` : undefined
}

const usual = { beta_schedule: 'scaled_linear', beta_start: 0.00085, beta_end: 0.012 } as const

const isVariance = (beta: number) => beta > 0 && beta < 1

/** Its betas, if they are not those of all families; or the name of betas that are not built. */
function betasOf(config: SchedulerConfig): Betas | string | undefined {
  const { trained_betas: trained } = config
  if (trained) {
    return trained.length === TRAINING_STEPS && trained.every(isVariance)
      ? { curve: 'trained', betas: trained }
      : `${trained.length} betas of its own (trained_betas)`
  }
  const curve = config.beta_schedule ?? usual.beta_schedule
  const [start, end] = [config.beta_start ?? usual.beta_start, config.beta_end ?? usual.beta_end]
  if (curve === 'squaredcos_cap_v2') return { curve }
  if (curve !== 'linear' && curve !== 'scaled_linear') return `the beta schedule "${curve}"`
  if (![start, end].every(isVariance)) return `betas from ${start} to ${end}`
  const same = curve === usual.beta_schedule && start === usual.beta_start && end === usual.beta_end
  return same ? undefined : { curve, start, end }
}

const sigmaFlags: readonly (readonly [flag: keyof SchedulerConfig, name: SigmaSchedule])[] = [
  ['use_karras_sigmas', 'karras'],
  ['use_exponential_sigmas', 'exponential'],
  ['use_beta_sigmas', 'beta'],
]

function scheduleOf(config: SchedulerConfig): Schedule | undefined {
  const sigmas = sigmaFlags.find(([flag]) => config[flag] === true)
  if (sigmas) return { kind: 'sigmas', name: sigmas[1] }
  const { timestep_spacing: spacing, steps_offset: offset } = config
  return isSpacing(spacing) ? { kind: 'spaced', spacing, stepsOffset: offset ?? 0 } : undefined
}

const isSpacing = (name: unknown): name is Spacing => name === 'leading' || name === 'trailing' || name === 'linspace'
