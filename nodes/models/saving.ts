import type { Saving } from '#core/plan/attributes.ts'
import type { TypeOf } from '#core/types/types.ts'
import { choice, text } from '../kit/ports.ts'

/** The inputs of every node that saves a model. */
export const saving = {
  prefix: text({
    default: 'model',
    description:
      'How the file name begins. A number follows, and no file is overwritten. "/" makes a subfolder and %date% becomes the day, as in Save Image.',
  }),
  dtype: choice({
    default: 'F16',
    options: { F16: 'float16', BF16: 'bfloat16', F32: 'float32' },
    advanced: true,
    description:
      'The precision of the stored numbers. float16 is what most people share. float32 takes twice the space and loses nothing.',
  }),
}

/** What a saved file declares about its model. */
export const declared = ({ distilled }: TypeOf<'model'>): Pick<Saving, 'distilled'> => (distilled ? { distilled } : {})
