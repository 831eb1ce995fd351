import { fileURLToPath } from 'node:url'

/** A file or folder that benchmarks keep. */
export const cached = (name: string) => fileURLToPath(new URL(`.cache/${name}`, import.meta.url))

/** Checkpoints of SD1.5's and SDXL's size, and an adapter of LCM-LoRA's size. They are written once. */
export const checkpoint = cached('sd15-random-f16.safetensors')
export const sdxlCheckpoint = cached('sdxl-random-f16.safetensors')
export const lcmLora = cached('lcm-lora-random.safetensors')
/** Folder of prepared weights. */
export const preparedWeights = cached('prepared')
