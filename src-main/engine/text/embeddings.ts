import { LoomError } from '#core/errors.ts'
import { decodeFloats } from '../files/decode-floats.ts'
import { openSafetensors, withTensors } from '../files/safetensors-file.ts'

/** The vectors of an embedding (textual inversion, arXiv 2208.01618), which replace rows of the token embedding. */
type Rows = readonly Float32Array[]

/** Tensor names for each tower, in files for SDXL and for one tower. Otherwise the first tensor that fits is used. */
const names = { clip: ['clip_l', 'emb_params'], clip2: ['clip_g'] } as const

/**
 * The rows of an embedding file for a tower: the first float tensor of shape `[n, width]` or `[width]`.
 *
 * @param tower CLIP-L, OpenCLIP-H or, as the second one of SDXL, OpenCLIP-G
 * @throws LoomError `mismatch` if the file has none of that width, and what opening a safetensors file throws
 */
export async function readEmbedding(path: string, tower: keyof typeof names, width: number): Promise<Rows> {
  const file = await openSafetensors(path)
  const { tensors } = file.header
  const fitting = [...names[tower], ...tensors.keys()].flatMap((name) => {
    const tensor = tensors.get(name)
    return tensor && tensor.shape.length <= 2 && tensor.shape.at(-1) === width ? [{ name, ...tensor }] : []
  })
  const [found] = fitting
  const data = found && decodeFloats(found.dtype, await withTensors(file, (read) => read(found.name)))
  if (!data) {
    const widths = Array.from(tensors.values(), ({ shape }) => shape.at(-1) ?? 0)
    throw new LoomError('mismatch', `${path} has no vectors of width ${width}; it has ${widths.join(', ')}.`, {
      input: 'text',
      hint: 'It was made for another family of models.',
    })
  }
  return Array.from({ length: data.length / width }, (_, row) => data.subarray(row * width, (row + 1) * width))
}
