import { Plan } from '#core/plan/plan.ts'
import type { RunEvent } from '#core/protocol/messages.ts'
import { resolveFile } from '#engine/files/resolve-file.ts'
import { openTensorFile } from '#engine/files/tensor-file.ts'
import { FittedFactors } from '#engine/preview/fitted-factors.ts'
import { chooseDevice } from '#engine/runtime/devices.ts'
import { execute, type StepRules } from '#engine/runtime/executor.ts'
import { Residents } from '#engine/runtime/residents.ts'
import { StepCache } from '#engine/runtime/step-cache.ts'
import type { RuntimeValue } from '#engine/runtime/values.ts'
import type { RunContext, StepContext } from '#engine/steps/context.ts'
import { stepRules } from '#engine/steps/rules.ts'
import type { FloatTensor } from '#engine/tensor/float-tensor.ts'
import { temporaryFolder } from './golden-networks.ts'

export const embeddedModels = new URL('../resources/models', import.meta.url).pathname

export interface PlanRun {
  /** The inputs of Save Image, as floats: the pictures before rounding. */
  readonly images: readonly FloatTensor[]
  /** The results of the samplers. */
  readonly latents: readonly FloatTensor[]
  readonly events: readonly RunEvent[]
  readonly steps: number
  readonly reused: number
  readonly sessions: number
}

/** Runs plans on the CPU, one after the other, with a shared cache. Files are looked for in `folders`. */
export class PlanRunner {
  /** Names of the sessions that the cache released, in order. */
  readonly released: string[] = []
  readonly #folders: readonly string[]
  readonly #pictures: ReadonlyMap<string, FloatTensor>
  readonly #cache: StepCache

  /**
   * @param pictures results of Load Image by file name, as floats, because files contain only rounded pixels
   * @param budget of the cache, in bytes
   */
  constructor(folders: readonly string[], pictures: ReadonlyMap<string, FloatTensor> = new Map(), budget = 8e9) {
    this.#folders = folders
    this.#pictures = pictures
    this.#cache = new StepCache(budget, (value) => this.#release(value))
  }

  /** @param passes applied to the plan that `build` fills */
  async run(build: (plan: Plan) => void, passes: (plan: Plan) => Plan = (plan) => plan): Promise<PlanRun> {
    const built = new Plan()
    build(built)
    const plan = passes(built)
    const images: FloatTensor[] = []
    const latents: FloatTensor[] = []
    const events: RunEvent[] = []
    const rules: StepRules<StepContext> = {
      ...stepRules,
      sample: {
        ...stepRules.sample,
        async run(...args) {
          const latent = await stepRules.sample.run(...args)
          latents.push(latent.tensor)
          return latent
        },
      },
      'load-image': {
        run: async (_context, _inputs, { file }) => ({ tensor: this.#pictures.get(file) ?? missing(file) }),
      },
      'save-image': {
        async run(_context, { image }) {
          images.push(image.tensor)
        },
      },
    }
    const resolve = (file: string) => resolveFile(file, { folders: [], models: this.#folders })
    const context: RunContext = {
      device: chooseDevice('cpu'),
      residents: new Residents({ why: 'a test' }),
      verify: true,
      previews: false,
      rgbFactors: new FittedFactors(),
      outputFolder: temporaryFolder(),
      modelFolder: temporaryFolder(),
      document: '{}',
      resolve,
    }
    const counts = await execute(plan, {
      cache: this.#cache,
      rules,
      device: context.device,
      contextOf: (running) => ({ ...context, ...running }),
      signal: new AbortController().signal,
      emit: (event) => events.push(event),
      identify: async (file) => JSON.stringify((await openTensorFile(await resolve(file))).identity),
    })
    return { images, latents, events, ...counts }
  }

  close(): Promise<void> {
    return this.#cache.clear()
  }

  async #release(value: RuntimeValue): Promise<void> {
    if (!value || !('session' in value)) return
    this.released.push(value.session.name)
    await value.session.release()
  }
}

function missing(file: string): never {
  throw new Error(`The test has no picture ${file}.`)
}
