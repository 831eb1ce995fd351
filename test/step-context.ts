import { Plan } from '#core/plan/plan.ts'
import { FittedFactors } from '#engine/preview/fitted-factors.ts'
import { chooseDevice } from '#engine/runtime/devices.ts'
import type { StepEvent } from '#engine/runtime/node-events.ts'
import type { ModelValue, SessionValue } from '#engine/runtime/values.ts'
import type { StepContext } from '#engine/steps/context.ts'
import { stepRules } from '#engine/steps/rules.ts'
import { temporaryFolder } from './golden-networks.ts'

/** What a rule needs to run by itself on the CPU, without a plan: files are named by their paths. */
export function stepContext(emit: (event: StepEvent) => void = () => {}): StepContext {
  return {
    device: chooseDevice('cpu'),
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
  }
}

/** The text encoder of a checkpoint as the session that prompts are encoded with. */
export async function textSession(file: string): Promise<SessionValue> {
  const context = stepContext()
  const of = await stepRules['text-encoder'].run(context, {}, { file, skip: 1 })
  return stepRules.session.run(context, { of }, { network: 'text-encoder' })
}

/** The UNet of a checkpoint as the session that samplers ask. */
export async function unetSession(
  file: string,
  prediction: ModelValue['prediction'] | 'auto' = 'auto',
): Promise<SessionValue> {
  const context = stepContext()
  const of = await stepRules.unet.run(context, {}, { file, prediction })
  return stepRules.session.run(context, { of }, { network: 'unet' })
}
