import { basename } from 'node:path'
import { LoomError } from '#core/errors.ts'
import { foreignFix } from '#core/families/training.ts'
import type { Identity } from '#core/formats/identify.ts'

/** The error for a UNet whose training is not built: "flow matching". */
export function foreignTraining(path: string, training: string): LoomError {
  return new LoomError('unsupported', `${path}: its UNet was trained with ${training}, which is not built.`, {
    hint: foreignFix,
  })
}

/** The error for a file that is not the wanted kind, such as "a checkpoint" or "a VAE". */
export function refusal(path: string, { kind, is, hint }: Identity, wanted: string): LoomError {
  const part = /-(\d{5})-of-(\d{5})\.safetensors$/.exec(basename(path))
  if (part) {
    return new LoomError('unsupported', `${path} is part ${Number(part[1])} of ${Number(part[2])} of a model.`, {
      hint: 'Give the folder that the parts lie in.',
    })
  }
  const code = kind === 'checkpoint' || kind === 'unknown' ? 'unsupported' : 'mismatch'
  const message = `${path} cannot be opened as ${wanted}: it is ${is}.`
  return new LoomError(code, message, hint === undefined ? {} : { hint })
}
