import type { LoomError } from '#core/errors.ts'
import { toErrorData, withoutStack } from '#core/protocol/error-data.ts'
import type { RouteResult } from '#core/protocol/routes.ts'
import { type Card, chooseCuda, listCards } from '../setup/cards.ts'
import { type CudaSetup, offeredCuda } from '../setup/cuda-setup.ts'
import { licenceOf } from '../setup/wheel.ts'
import type { Handlers } from './handlers.ts'

type CudaRoute = 'cudaSetup' | 'fetchCuda' | 'stopCuda' | 'removeCuda'

interface CudaRoutes {
  readonly handlers: Handlers<CudaRoute>
  /** Stops what is fetched. */
  stop(): void
}

/**
 * The routes that set up CUDA for the editor. Fetching goes on when the page is closed.
 * @param changed called when the engine would find other libraries in its next process
 * @param cards those of this machine
 */
export function createCudaRoutes(
  setup: CudaSetup,
  changed: () => void,
  cards: () => Promise<readonly Card[]> = listCards,
): CudaRoutes {
  let working: AbortController | undefined
  let progress: RouteResult<'cudaSetup'>['progress']
  let error: LoomError | undefined
  let ended = Promise.resolve()
  // the driver's program takes a second, and the page asks every second
  let known: ReturnType<typeof choose> | undefined
  const choose = async () => chooseCuda(await cards(), offeredCuda)

  const stop = () => working?.abort()
  const nothing = { wheels: [], missing: 0, space: 0, isReady: false }
  return {
    stop,
    handlers: {
      async cudaSetup() {
        if (!working) known = undefined
        known ??= choose()
        const choice = await known
        if ('none' in choice) return { none: choice.none, ...nothing }
        const { cuda, wheels, missing, space, isReady } = await setup.state(choice.cuda)
        return {
          cuda,
          wheels: wheels.map((wheel) => ({ ...wheel, licence: licenceOf(wheel) })),
          missing,
          space,
          isReady,
          ...(progress && { progress }),
          ...(error && { error: withoutStack(toErrorData(error)) }),
        }
      },
      async fetchCuda() {
        const choice = await choose()
        if (working || 'none' in choice) return {}
        working = new AbortController()
        error = undefined
        const tell = ({ file, arrived, total }: NonNullable<typeof progress>) => {
          progress = { file, arrived, total }
        }
        ended = setup
          .fetch(choice.cuda, working.signal, tell)
          .then(changed, (thrown: LoomError) => {
            if (thrown.code !== 'cancelled') error = thrown
          })
          .finally(() => {
            working = undefined
            progress = undefined
          })
        return {}
      },
      async stopCuda() {
        stop()
        return {}
      },
      async removeCuda() {
        stop()
        await ended
        error = undefined
        await setup.remove()
        changed()
        return {}
      },
    },
  }
}
