import { basename } from 'node:path'
import { type BaseFamily, baseFamilies, defaultFamily } from '#core/families/families.ts'
import { type Prediction, predictions, type Told, type Training } from '#core/families/training.ts'
import { decodeFloats, isNumeric } from '../files/decode-numbers.ts'
import { readExactly, withRegularFile } from '../files/regular-file.ts'
import type { PartFile } from './keys/network-kind.ts'

/** What one place in a model's files says about the training of its UNet. */
export interface Said extends Partial<Training> {
  /** The place: "its metadata". */
  readonly by: string
  /** The name of a training that is not built. */
  readonly foreign?: string
}

interface Source {
  readonly path: string
  readonly base: BaseFamily | undefined
  readonly unet: PartFile | undefined
  /** The most reliable first. */
  readonly said: readonly Said[]
}

/**
 * The training of a UNet: what its files say, or else what its shape, its name and its weights suggest, or else its
 * family's. Reads one small tensor of an SD2.x model whose files say nothing.
 */
export async function toldBy({ path, base = defaultFamily, unet, said }: Source): Promise<Told> {
  const named = said.find(({ prediction, foreign }) => prediction ?? foreign)
  const { prediction, unsure } = named?.prediction
    ? { prediction: named.prediction, unsure: conflict(named.prediction, named.by, said) }
    : await guessed(path, base, unet)
  const [betas, schedule] = [said.find((each) => each.betas)?.betas, said.find((each) => each.schedule)?.schedule]
  const zeroSnr = said.some((each) => each.zeroSnr)
  const doubts = [unsure, zeroSnr && prediction === 'epsilon' ? zeroSnrOfEpsilon : undefined].filter(
    (doubt) => doubt !== undefined,
  )
  return {
    training: { prediction, ...(zeroSnr && { zeroSnr }), ...(betas && { betas }), ...(schedule && { schedule }) },
    ...(named?.foreign !== undefined && { foreign: named.foreign }),
    ...(doubts.length > 0 && { unsure: doubts.join(' ') }),
  }
}

const zeroSnrOfEpsilon =
  'The file asks for zero terminal SNR, but a model that predicts epsilon cannot begin with noise alone: it is drawn without.'

function conflict(taken: Prediction, by: string, said: readonly Said[]): string | undefined {
  const other = said.find(({ prediction }) => prediction !== undefined && prediction !== taken)
  if (!other?.prediction) return undefined
  return `The file says two things: ${by} says ${predictions[taken]}, which is taken, and ${other.by} says ${predictions[other.prediction]}.`
}

interface Guess {
  readonly prediction: Prediction
  /** Absent where nothing else is published. */
  readonly unsure?: string | undefined
}

const silent = 'Nothing in the file says what the model predicts.'

/** Names of published files that need another prediction than their family. */
const published: readonly { readonly of: BaseFamily; readonly name: RegExp; readonly prediction: Prediction }[] = [
  { of: 'sdxl', name: /lightning.*1[-_ ]?step.*x0/, prediction: 'sample' },
  { of: 'sd2', name: /sd[-_ ]?turbo/, prediction: 'epsilon' },
]

async function guessed(path: string, base: BaseFamily, unet: PartFile | undefined): Promise<Guess> {
  const { prediction } = baseFamilies[base]
  const name = basename(path).toLowerCase()
  const known = published.find((each) => each.of === base && each.name.test(name))
  if (known) {
    const unsure = `${silent} ${predictions[known.prediction]} is assumed, as the published model of this name predicts it.`
    return { prediction: known.prediction, unsure }
  }
  if (base === 'sd2' && unet) return ofSd2(unet, prediction)
  if (!/v[-_ ]?pred/.test(name) || prediction === 'v_prediction') return { prediction }
  return { prediction, unsure: `${silent} Its name speaks of v-prediction; ${predictions[prediction]} is assumed.` }
}

/** A tensor whose values are spread wider where an SD2.x was trained for v-prediction, by its two namings. */
const tellTale = {
  ldm: 'output_blocks.11.1.transformer_blocks.0.norm1.bias',
  diffusers: 'up_blocks.3.attentions.2.transformer_blocks.0.norm1.bias',
} as const

const spread = 0.09

/** The inpainting model predicts epsilon. For others ComfyUI measures how far the biases of one norm spread. */
async function ofSd2({ naming, tensors }: PartFile, prediction: Prediction): Promise<Guess> {
  const first = tensors.get(naming === 'ldm' ? 'input_blocks.0.0.weight' : 'conv_in.weight')
  if (first?.shape[1] === 9) return { prediction: 'epsilon' }
  const biases = await floatsOf(tensors.get(tellTale[naming]))
  if (!biases)
    return { prediction, unsure: `${silent} ${predictions[prediction]} is assumed, as most SD2.x predict it.` }
  const found = deviation(biases)
  const measured: Prediction = found > spread ? 'v_prediction' : 'epsilon'
  const unsure = `${silent} ${predictions[measured]} is assumed from its weights: the biases of its last norm1 deviate by ${found.toFixed(3)}, and ${spread} divides the two kinds.`
  return { prediction: measured, unsure }
}

type Tensor = PartFile['tensors'] extends ReadonlyMap<string, infer T> ? T : never

/** A norm has a few hundred biases; more are none, and are not read. */
const mostBytes = 100_000

async function floatsOf(tensor: Tensor | undefined): Promise<Float32Array | undefined> {
  if (!tensor || tensor.scattered || tensor.byteLength > mostBytes || !isNumeric(tensor.dtype)) return undefined
  const { file, offset, byteLength, dtype } = tensor
  return decodeFloats(dtype, await withRegularFile(file, (open) => readExactly(open, offset, byteLength)))
}

/** Standard deviation of the whole population. */
function deviation(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
}
