import { choice } from '../kit/ports.ts'

/** What a model was trained to predict. */
export const prediction = choice({
  default: 'auto',
  options: { auto: 'As the file says', epsilon: 'Epsilon', v_prediction: 'v-prediction' },
  advanced: true,
  description:
    'What the model was trained to predict. Change it only if pictures come out as noise or washed out. That happens if the file does not say it: SD2.x at 512 pixels needs epsilon.',
})
