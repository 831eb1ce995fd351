import { LoomError } from '#core/errors.ts'
import { type BaseFamily, baseFamilies, baseFamilyIds } from '#core/families/families.ts'
import { decodeFloats, isNumeric, whyUnreadable } from '../files/decode-numbers.ts'
import { openTensorFile, withTensors } from '../files/tensor-file.ts'

/** The vectors of an embedding (textual inversion, arXiv 2208.01618), which replace rows of the token embedding. */
type Rows = readonly Float32Array[]

export interface EmbeddingReport {
  /** Family that it was made for, by its widths: `SD1.x`. */
  readonly base: string
  /** Number of tokens that it occupies in a prompt. */
  readonly vectors: number
}

/** Tensor names for each tower, in files for SDXL and for one tower. Otherwise the first tensor that fits is used. */
const names = { clip: ['clip_l', 'emb_params', 'string_to_param.*'], clip2: ['clip_g'] } as const

/**
 * The rows of an embedding file for a tower: the first tensor of shape `[width]`, `[n, width]` or `[1, n, width]`, in
 * any dtype.
 *
 * @param tower CLIP-L, OpenCLIP-H or, as the second one of SDXL, OpenCLIP-G
 * @throws LoomError `mismatch` if the file has none of that width, `unsupported` if its dtype holds no numbers, `range`
 *   if one is not finite, and what opening a safetensors file throws
 */
export async function readEmbedding(path: string, tower: keyof typeof names, width: number): Promise<Rows> {
  const file = await openTensorFile(path)
  const { tensors } = file.header
  const fitting = [...names[tower], ...tensors.keys()].flatMap((name) => {
    const tensor = tensors.get(name)
    return tensor && isRows(tensor.shape) && tensor.shape.at(-1) === width ? [{ name, ...tensor }] : []
  })
  const [found] = fitting
  if (!found) {
    const shapes = Array.from(tensors.values(), ({ shape }) => shape)
    const has = shapes.map((shape) => `[${shape.join(', ')}]`).join(', ')
    throw new LoomError('mismatch', `${path} has no vectors of width ${width}; its tensors are ${has}.`, {
      input: 'text',
      hint: shapes.some((shape) => shape.at(-1) === width)
        ? 'An embedding is a row of vectors, [n, width]; take another version of it.'
        : 'It was made for another family of models.',
    })
  }
  const { name, dtype } = found
  if (!isNumeric(dtype)) {
    throw new LoomError('unsupported', `${path} cannot be read (${name}): ${whyUnreadable(dtype)}.`, { input: 'text' })
  }
  const data = decodeFloats(dtype, await withTensors(file, (read) => read(name)))
  if (!data.every(Number.isFinite)) {
    throw new LoomError('range', `${path} has values that are no finite numbers (${name}).`, {
      input: 'text',
      hint: 'Its training failed or the file is damaged; take another version of it.',
    })
  }
  return Array.from({ length: data.length / width }, (_, row) => data.subarray(row * width, (row + 1) * width))
}

/**
 * What a prompt takes from an embedding file, read as prompts read it.
 * @throws LoomError as `readEmbedding`
 */
export async function inspectEmbedding(path: string): Promise<EmbeddingReport> {
  const { tensors } = (await openTensorFile(path)).header
  const widths = new Set(Array.from(tensors.values(), ({ shape }) => shape.at(-1)))
  const base = baseFamilyIds.findLast((id) => towersOf(id).every(({ width }) => widths.has(width)))
  const [width = 0] = widths
  const towers = base === undefined ? [{ tower: 'clip' as const, width }] : towersOf(base)
  const rows = await Promise.all(towers.map(({ tower, width }) => readEmbedding(path, tower, width)))
  return {
    base: base === undefined ? 'an unknown model' : baseFamilies[base].name,
    vectors: Math.max(...rows.map(({ length }) => length)),
  }
}

function towersOf(family: BaseFamily): { tower: keyof typeof names; width: number }[] {
  const { textEncoder, textEncoder2 } = baseFamilies[family]
  const first = { tower: 'clip', width: textEncoder.width } as const
  return textEncoder2 ? [first, { tower: 'clip2', width: textEncoder2.width }] : [first]
}

/** Whether a tensor is the rows of an embedding. Some programs write a batch of one. */
function isRows(shape: readonly number[]): boolean {
  if (shape.includes(0)) return false
  return shape.length === 1 || shape.length === 2 || (shape.length === 3 && shape[0] === 1)
}
