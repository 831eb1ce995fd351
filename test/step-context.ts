import type { PredictionChoice } from '#core/families/training.ts'
import { Plan } from '#core/plan/plan.ts'
import { FittedFactors } from '#engine/preview/fitted-factors.ts'
import { chooseDevice } from '#engine/runtime/devices.ts'
import type { StepEvent } from '#engine/runtime/node-events.ts'
import { Residents } from '#engine/runtime/residents.ts'
import type { SessionValue } from '#engine/runtime/values.ts'
import type { StepContext } from '#engine/steps/context.ts'
import { stepRules } from '#engine/steps/rules.ts'
import { temporaryFolder } from './golden-networks.ts'

/** A context to run a step's rule on the CPU without a plan. Files are named by their paths. */
export function stepContext(emit: (event: StepEvent) => void = () => {}): StepContext {
  return {
    device: chooseDevice('cpu'),
    residents: new Residents({ why: 'a test' }),
    verify: true,
    previews: false,
    rgbFactors: new FittedFactors(),
    outputFolder: temporaryFolder(),
    modelFolder: temporaryFolder(),
    signal: new AbortController().signal,
    step: new Plan().step('load-image', {}, { file: 'none.png' }),
    document: '{}',
    emit,
    resolve: async (file) => file,
    makeRoom: async () => {},
    refuseChanges: async () => {},
  }
}

/** A session of a checkpoint's text encoder. */
export async function textSession(file: string): Promise<SessionValue> {
  const context = stepContext()
  const of = await stepRules['text-encoder'].run(context, {}, { file, skip: 1 })
  return stepRules.session.run(context, { of }, { network: 'text-encoder' })
}

/** A session of a checkpoint's UNet. */
export async function unetSession(file: string, prediction: PredictionChoice = 'auto'): Promise<SessionValue> {
  const context = stepContext()
  const of = await stepRules.unet.run(context, {}, { file, prediction })
  return stepRules.session.run(context, { of }, { network: 'unet' })
}
