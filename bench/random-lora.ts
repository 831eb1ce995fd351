/// <reference lib="esnext.float16" />
import { existsSync } from 'node:fs'
import { type TensorSource, writeSafetensors } from '#engine/files/write-safetensors.ts'
import { openCheckpoint } from '#engine/models/detect.ts'

const rank = 64

/** Writes an adapter like LCM-LoRA for a checkpoint: rank 64 on every linear layer and convolution of the UNet. */
export async function randomLora(path: string, checkpoint: string): Promise<string> {
  if (existsSync(path)) return path
  const { unet } = await openCheckpoint(checkpoint)
  const tensors: TensorSource[] = []
  for (const [name, { shape }] of unet?.weights.tensors ?? []) {
    if (shape.length < 2) continue
    const module = `lora_unet_${name.replace(/\.weight$/, '').replaceAll('.', '_')}`
    const [out = 1, ...inner] = shape
    const ones = inner.slice(1).map(() => 1)
    tensors.push(
      small(`${module}.lora_down.weight`, [rank, ...inner]),
      small(`${module}.lora_up.weight`, [out, rank, ...ones]),
    )
    tensors.push({ name: `${module}.alpha`, dtype: 'F16', shape: [], data: halves(1, () => 8) })
  }
  await writeSafetensors(path, tensors)
  return path
}

function small(name: string, shape: readonly number[]): TensorSource {
  const size = shape.reduce((product, dim) => product * dim, 1)
  return { name, dtype: 'F16', shape, data: halves(size, (i) => 0.01 * Math.sin(i * 12.9898)) }
}

function halves(size: number, value: (index: number) => number): Uint8Array {
  return new Uint8Array(Float16Array.from({ length: size }, (_, i) => value(i)).buffer)
}
