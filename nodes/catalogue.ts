import type { Catalogue, NodeType } from '#core/workflow/node-type.ts'
import clipSkip from './conditioning/clip-skip.ts'
import area from './conditioning/conditioning-area.ts'
import average from './conditioning/conditioning-average.ts'
import combine from './conditioning/conditioning-combine.ts'
import concat from './conditioning/conditioning-concat.ts'
import conditioningMask from './conditioning/conditioning-mask.ts'
import range from './conditioning/conditioning-range.ts'
import zero from './conditioning/conditioning-zero.ts'
import prompt from './conditioning/prompt.ts'
import promptSdxl from './conditioning/prompt-sdxl.ts'
import sizeConditioning from './conditioning/size-conditioning.ts'
import batchImages from './image/batch-images.ts'
import blurImage from './image/blur-image.ts'
import compositeImages from './image/composite-images.ts'
import cropImage from './image/crop-image.ts'
import invertImage from './image/invert-image.ts'
import loadImage from './image/load-image.ts'
import padImage from './image/pad-image.ts'
import pickImage from './image/pick-image.ts'
import saveImage from './image/save-image.ts'
import scaleImage from './image/scale-image.ts'
import scaleImageBy from './image/scale-image-by.ts'
import sharpenImage from './image/sharpen-image.ts'
import xyGrid from './image/xy-grid.ts'
import batchLatents from './latent/batch-latents.ts'
import blendLatents from './latent/blend-latents.ts'
import compositeLatents from './latent/composite-latents.ts'
import cropLatent from './latent/crop-latent.ts'
import emptyLatent from './latent/empty-latent.ts'
import inpaintLatent from './latent/inpaint-latent.ts'
import pickLatent from './latent/pick-latent.ts'
import repeatLatent from './latent/repeat-latent.ts'
import scaleLatent from './latent/scale-latent.ts'
import setNoiseMask from './latent/set-noise-mask.ts'
import turnLatent from './latent/turn-latent.ts'
import vaeDecode from './latent/vae-decode.ts'
import vaeEncode from './latent/vae-encode.ts'
import checkpoint from './loaders/checkpoint.ts'
import lora from './loaders/lora.ts'
import loraStack from './loaders/lora-stack.ts'
import textEncoderLoader from './loaders/text-encoder-loader.ts'
import unetLoader from './loaders/unet-loader.ts'
import vaeLoader from './loaders/vae-loader.ts'
import combineMasks from './mask/combine-masks.ts'
import imageToMask from './mask/image-to-mask.ts'
import invertMask from './mask/invert-mask.ts'
import maskToImage from './mask/mask-to-image.ts'
import refineMask from './mask/refine-mask.ts'
import solidMask from './mask/solid-mask.ts'
import extractLora from './models/extract-lora.ts'
import mergeModels from './models/merge-models.ts'
import saveCheckpoint from './models/save-checkpoint.ts'
import saveLora from './models/save-lora.ts'
import autoScheduler from './sampling/auto-scheduler.ts'
import lcmScheduler from './sampling/lcm-scheduler.ts'
import sampler from './sampling/sampler.ts'
import scheduler from './sampling/scheduler.ts'
import tcdScheduler from './sampling/tcd-scheduler.ts'
import timesteps from './sampling/timesteps.ts'

/** Every node, in the order of menus. */
const nodes: readonly NodeType[] = [
  checkpoint,
  lora,
  loraStack,
  unetLoader,
  textEncoderLoader,
  vaeLoader,
  prompt,
  promptSdxl,
  clipSkip,
  combine,
  average,
  concat,
  area,
  conditioningMask,
  range,
  sizeConditioning,
  zero,
  sampler,
  lcmScheduler,
  autoScheduler,
  tcdScheduler,
  scheduler,
  timesteps,
  emptyLatent,
  vaeDecode,
  vaeEncode,
  inpaintLatent,
  setNoiseMask,
  scaleLatent,
  cropLatent,
  compositeLatents,
  blendLatents,
  batchLatents,
  repeatLatent,
  pickLatent,
  turnLatent,
  loadImage,
  saveImage,
  xyGrid,
  scaleImage,
  scaleImageBy,
  cropImage,
  padImage,
  compositeImages,
  blurImage,
  sharpenImage,
  invertImage,
  batchImages,
  pickImage,
  imageToMask,
  maskToImage,
  solidMask,
  invertMask,
  refineMask,
  combineMasks,
  mergeModels,
  saveCheckpoint,
  saveLora,
  extractLora,
]

export const catalogue: Catalogue = new Map(nodes.map((node) => [node.type, node]))
