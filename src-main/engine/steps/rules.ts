import type { StepRules } from '../runtime/executor.ts'
import { applyLora, liveLora } from './adapters.ts'
import { clipSkip, combineConditionings, editConditioning, maskConditioning } from './conditioning.ts'
import type { StepContext } from './context.ts'
import { cell, grid, joinCells } from './grid.ts'
import { batchImages, compositeImages, editImage } from './image-edits.ts'
import { loadImage, loadMask, saveImage, showImage } from './images.ts'
import { greyOut, hardenMask, inpaintLatent, setNoiseMask } from './inpaint.ts'
import { combineLatents } from './latent-combinations.ts'
import { editLatent } from './latent-edits.ts'
import { emptyLatent, showLatent } from './latents.ts'
import { combineMasks, editMask, imageToMask, maskToImage, solidMask } from './masks.ts'
import { session, textEncoder, unet, vae } from './networks.ts'
import { encodePrompt } from './prompts.ts'
import { sample } from './sample.ts'
import { extractLora, merge, saveCheckpoint, saveLora } from './save-model.ts'
import { strength } from './strengths.ts'
import { vaeDecode, vaeDecodeTiled, vaeEncode, vaeEncodeTiled } from './vae.ts'

/** The implementations of all ops. */
export const stepRules: StepRules<StepContext> = {
  cell,
  'join-cells': joinCells,
  grid,
  unet,
  'text-encoder': textEncoder,
  vae,
  'apply-lora': applyLora,
  'live-lora': liveLora,
  strength,
  merge,
  session,
  'encode-prompt': encodePrompt,
  'clip-skip': clipSkip,
  'edit-conditioning': editConditioning,
  'combine-conditionings': combineConditionings,
  'mask-conditioning': maskConditioning,
  scheduler: { run: async (_context, _inputs, { spec }) => spec },
  'empty-latent': emptyLatent,
  'edit-latent': editLatent,
  'combine-latents': combineLatents,
  'set-noise-mask': setNoiseMask,
  'harden-mask': hardenMask,
  'grey-out': greyOut,
  'inpaint-latent': inpaintLatent,
  'load-image': loadImage,
  'load-mask': loadMask,
  'edit-image': editImage,
  'composite-images': compositeImages,
  'batch-images': batchImages,
  'image-to-mask': imageToMask,
  'mask-to-image': maskToImage,
  'solid-mask': solidMask,
  'edit-mask': editMask,
  'combine-masks': combineMasks,
  'vae-encode': vaeEncode,
  'vae-encode-tiled': vaeEncodeTiled,
  sample,
  'vae-decode': vaeDecode,
  'vae-decode-tiled': vaeDecodeTiled,
  'save-image': saveImage,
  'save-checkpoint': saveCheckpoint,
  'save-lora': saveLora,
  'extract-lora': extractLora,
  'show-image': showImage,
  'show-latent': showLatent,
  need: { run: async () => undefined },
}
