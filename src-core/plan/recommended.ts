import { type Distillation, type Distilled, distillations } from '#core/types/distilled.ts'
import { type Schedule, type SchedulerSpec, schedulerDefaults, settledSpec, sigmaSchedules } from './scheduler.ts'

/** Recommended settings for a model. */
export interface Recommended {
  readonly spec: SchedulerSpec
  readonly guidance: number
  /** Above this guidance scale, pictures become oversaturated. */
  readonly mostGuidance: number
}

const karras: Schedule = { kind: 'sigmas', name: 'karras' }
const trailing: Schedule = { kind: 'spaced', spacing: 'trailing', stepsOffset: 1 }

/** Evenly spaced timesteps from 999; for four steps 999, 749, 499, 249. */
const fromTheTop = (steps: number): Schedule => ({
  kind: 'timesteps',
  timesteps: Array.from({ length: steps }, (_, i) => Math.round(1000 - (i * 1000) / steps) - 1),
})

interface Method {
  /** Number of steps if neither the file nor the user gives one. */
  readonly steps: number
  /** @param made number of steps that the file was made for, if it says so */
  spec(steps: number, made: number | undefined): SchedulerSpec
}

const { lcm, tcd, ddim, euler, 'euler-ancestral': eulerAncestral, 'dpmpp-2m': dpmpp } = schedulerDefaults

/** As published by the authors of each method. */
const methods: Readonly<Record<Distillation, Method>> = {
  /** arXiv 2310.04378 and 2311.05556 */
  lcm: { steps: 4, spec: (steps) => ({ ...lcm, steps }) },
  /** arXiv 2402.19159 */
  tcd: { steps: 4, spec: (steps) => ({ ...tcd, steps }) },
  /** arXiv 2311.17042 */
  turbo: { steps: 4, spec: (steps) => ({ ...eulerAncestral, schedule: trailing, steps }) },
  /** arXiv 2402.13929 */
  lightning: { steps: 4, spec: (steps) => ({ ...euler, schedule: trailing, steps }) },
  /** arXiv 2404.13686. The unified LoRA, named after one step, works with TCD and any number of steps. */
  hyper: {
    steps: 8,
    spec(steps, made) {
      if (made !== 1) return { ...ddim, schedule: trailing, steps }
      return steps === 1 ? { ...tcd, schedule: { kind: 'timesteps', timesteps: [800] }, steps } : { ...tcd, steps }
    },
  },
  /** arXiv 2405.14867 */
  dmd2: {
    steps: 4,
    spec: (steps) => ({
      ...lcm,
      schedule: steps === 1 ? { kind: 'timesteps', timesteps: [399] } : fromTheTop(steps),
      steps,
    }),
  },
  /** arXiv 2405.18407, with the settings of its demo */
  pcm: { steps: 4, spec: (steps) => ({ ...ddim, schedule: trailing, steps }) },
  /** arXiv 2406.02347 */
  flash: { steps: 4, spec: (steps) => ({ ...lcm, steps }) },
}

/** Distilled models that take guidance: the published defaults of full LCMs, Hyper-SD's CFG LoRAs, PCM's "normalcfg". */
const guided: Readonly<Partial<Record<Distillation, Pick<Recommended, 'guidance' | 'mostGuidance'>>>> = {
  lcm: { guidance: 8, mostGuidance: 14 },
  hyper: { guidance: 5, mostGuidance: 8 },
  pcm: { guidance: 7.5, mostGuidance: 9 },
}

/** All other distilled models. */
const unguided = { guidance: 1, mostGuidance: 2 } as const

/**
 * The recommended settings of a model.
 * @param steps 0: the number that the model was made for
 * @param own the schedule that a model without distillation asks for
 */
export function recommended(distilled: Distilled | undefined, steps = 0, own?: Schedule): Recommended {
  if (!distilled) {
    const spec = settledSpec({ ...dpmpp, schedule: karras, usual: true, steps: steps || 20 }, own)
    return { spec, guidance: 7, mostGuidance: 15 }
  }
  const method = methods[distilled.method]
  const guidance = (distilled.guided && guided[distilled.method]) || unguided
  return { spec: method.spec(steps || distilled.steps || method.steps, distilled.steps), ...guidance }
}

/** The recommended settings for display: "LCM, 4 steps". */
export function describeRecommended(
  distilled: Distilled | undefined,
  { spec: { steps, schedule } }: Recommended,
): string {
  const plain = `DPM++ 2M ${schedule.kind === 'sigmas' ? sigmaSchedules[schedule.name].title : 'on the timesteps of the model'}`
  return `${distilled ? distillations[distilled.method] : plain}, ${steps === 1 ? '1 step' : `${steps} steps`}`
}
