import type { Catalogue, NodeType } from '#core/workflow/node-type.ts'
import prompt from './conditioning/prompt.ts'
import loadImage from './image/load-image.ts'
import saveImage from './image/save-image.ts'
import emptyLatent from './latent/empty-latent.ts'
import vaeDecode from './latent/vae-decode.ts'
import vaeEncode from './latent/vae-encode.ts'
import checkpoint from './loaders/checkpoint.ts'
import lora from './loaders/lora.ts'
import lcmScheduler from './sampling/lcm-scheduler.ts'
import sampler from './sampling/sampler.ts'
import scheduler from './sampling/scheduler.ts'

/** Every node, in the order of menus. */
const nodes: readonly NodeType[] = [
  checkpoint,
  lora,
  prompt,
  lcmScheduler,
  scheduler,
  sampler,
  emptyLatent,
  vaeEncode,
  vaeDecode,
  loadImage,
  saveImage,
]

export const catalogue: Catalogue = new Map(nodes.map((node) => [node.type, node]))
