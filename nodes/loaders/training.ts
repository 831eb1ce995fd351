import { LoomError } from '#core/errors.ts'
import {
  chosenTraining,
  foreignFix,
  type Prediction,
  type PredictionChoice,
  type TrainingChoice,
  type ZeroSnrChoice,
} from '#core/families/training.ts'
import type { TypeOf } from '#core/types/types.ts'
import { askDistillation } from '../kit/distilled.ts'
import { nothing } from '../kit/family.ts'
import { modelType, type UnetFact } from '../kit/model-type.ts'
import { optionOf } from '../kit/narrowed.ts'
import { choice } from '../kit/ports.ts'

const predictionTitles: Readonly<Record<PredictionChoice, string>> = {
  auto: 'As the file says',
  epsilon: 'Epsilon',
  v_prediction: 'v-prediction',
  sample: 'Clean latent (x0)',
}
const zeroSnrTitles: Readonly<Record<ZeroSnrChoice, string>> = { auto: 'As the file says', yes: 'Yes', no: 'No' }

/** What a model was trained to predict, and on which noise: the same inputs on every node that opens a UNet. */
export const training = {
  prediction: choice({
    default: 'auto',
    options: predictionTitles,
    advanced: true,
    description:
      'What the model was trained to predict. What you set here wins over the file. Change it if pictures come out as noise or washed out: not every file says it.',
  }),
  zeroSnr: choice({
    default: 'auto',
    options: zeroSnrTitles,
    advanced: true,
    label: 'Zero terminal SNR',
    description:
      'Whether the model was trained to begin with noise alone, as many models with v-prediction were. What you set here wins over the file. Without it such a model draws no true black and no true white.',
  }),
}

/** What nearly all models predict. */
const usualPredictions: readonly Prediction[] = ['epsilon', 'v_prediction']

interface TrainingInputs {
  readonly file: TypeOf<'file'>
  readonly distillation: TypeOf<'choice'>
  readonly prediction: TypeOf<'choice'>
  readonly zeroSnr: TypeOf<'choice'>
}

function choiceOf({ prediction, zeroSnr }: TrainingInputs): TrainingChoice | undefined {
  const [chosen, zero] = [optionOf(prediction, predictionTitles), optionOf(zeroSnr, zeroSnrTitles)]
  return chosen && zero && { prediction: chosen, zeroSnr: zero }
}

/** The type of the model in a file, as the node's settings say, or else the file. Nothing if it cannot be drawn with. */
export function modelOf(fact: UnetFact | undefined, inputs: TrainingInputs): TypeOf<'model' | 'nothing'> {
  const chosen = choiceOf(inputs)
  const { training, foreign } = fact?.told ?? {}
  if (foreign && chosen?.prediction === 'auto') {
    return nothing(`the model in ${inputs.file.name} was trained with ${foreign}, which is not built`, foreignFix)
  }
  return modelType(fact, inputs.distillation, training && chosen && chosenTraining(training, chosen))
}

/** Questions to the artist about the model in a file: its training, and whether it was distilled. */
export function adviseOnModel(fact: UnetFact | undefined, inputs: TrainingInputs): LoomError[] {
  const distillation = askDistillation(String(inputs.file.name), fact?.distillation, inputs.distillation)
  return [askTraining(fact, inputs), distillation].filter((each) => each !== undefined)
}

/** The question where the file leaves the training open and nothing is set; a warning where it is not built. */
function askTraining(fact: UnetFact | undefined, inputs: TrainingInputs): LoomError | undefined {
  const { unsure, foreign, training } = fact?.told ?? {}
  if (training === undefined || (unsure ?? foreign) === undefined) return undefined
  const isSet = choiceOf(inputs)?.prediction !== 'auto'
  if (foreign !== undefined && isSet) {
    const message = `${inputs.file.name} was trained with ${foreign}, which is not built: pictures come out wrong.`
    return new LoomError('unsupported', message, { input: 'prediction', hint: 'Take another model.' })
  }
  if (unsure === undefined || isSet) return undefined
  const others = usualPredictions.filter((each) => each !== training.prediction)
  return new LoomError('unsure', unsure, {
    input: 'prediction',
    hint: 'Set Prediction to be sure: a wrong one draws noise.',
    answers: [training.prediction, ...others],
  })
}

/** The settings as attributes of a step, without those that leave it to the file. */
export function trainingOf({ prediction, zeroSnr }: Required<TrainingChoice>): TrainingChoice {
  return { prediction, ...(zeroSnr !== 'auto' && { zeroSnr }) }
}
