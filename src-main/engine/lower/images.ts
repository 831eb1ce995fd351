import { basename, extname } from 'node:path'
import { cancelled } from '#core/errors.ts'
import { formatParameters } from '#core/formats/a1111.ts'
import { documentKeyword } from '#core/formats/png.ts'
import { type Provenance, provenanceOf } from '#core/plan/provenance.ts'
import type { SchedulerSpec, SigmaSchedule, SolverKind } from '#core/plan/scheduler.ts'
import { writeNumberedFile } from '../files/numbered-file.ts'
import { withRegularFile } from '../files/regular-file.ts'
import { decodeImage, decodeMask } from '../images/decode.ts'
import { encodePng, type Pixels, toPixels } from '../images/encode.ts'
import type { StepContext, StepRule } from '../runtime/executor.ts'
import type { FloatTensor } from '../runtime/values.ts'
import { floatBytes } from './tensors.ts'

export const loadImage: StepRule<'load-image'> = {
  files: ({ file }) => [file],
  bytes: ({ tensor }) => floatBytes(tensor),
  run: (context, _inputs, { file }) => decoded(context, file, decodeImage),
}

export const loadMask: StepRule<'load-mask'> = {
  files: ({ file }) => [file],
  bytes: ({ tensor }) => floatBytes(tensor),
  run: (context, _inputs, { file }) => decoded(context, file, decodeMask),
}

async function decoded(
  context: StepContext,
  file: string,
  decode: typeof decodeImage,
): Promise<{ tensor: FloatTensor }> {
  const path = await context.resolve(file)
  const bytes = await withRegularFile(path, ({ handle }) => handle.readFile())
  return { tensor: await decode(bytes, path) }
}

export const saveImage: StepRule<'save-image'> = {
  async run(context, { image }, { prefix }) {
    await writePictures(context, image.tensor, prefix)
  },
}

export const showImage: StepRule<'show-image'> = {
  async run(context, { image }, { prefix }) {
    await writePictures(context, image.tensor, prefix, { shown: true })
  },
}

/** Writes each picture of the batch as a PNG of its own, with the document and the seed in its text chunks. */
async function writePictures(
  context: StepContext,
  tensor: FloatTensor,
  prefix: string,
  more: { shown?: true } = {},
): Promise<void> {
  context.emit({ type: 'phase', phase: 'save', label: context.outputFolder })
  const [batch = 1] = tensor.shape
  for (let index = 0; index < batch; index++) {
    if (context.signal.aborted) throw cancelled()
    const provenance = provenanceOf(context.step, index)
    const pixels = toPixels(tensor, index)
    const texts = new Map([[documentKeyword, context.document]])
    if (provenance) texts.set('parameters', parametersOf(provenance, pixels))
    const path = await writeNumberedFile(context.outputFolder, prefix, 'png', await encodePng(pixels, texts))
    const { width, height } = pixels
    context.emit({ type: 'image', path, width, height, ...(provenance && { seed: provenance.seed }), ...more })
  }
}

/** A1111's names. */
const samplerNames: Record<SolverKind, string> = {
  lcm: 'LCM',
  tcd: 'TCD',
  ddim: 'DDIM',
  ddpm: 'DDPM',
  euler: 'Euler',
  'euler-ancestral': 'Euler a',
  heun: 'Heun',
  'dpm-2': 'DPM2',
  'dpm-2-ancestral': 'DPM2 a',
  'dpmpp-2s-ancestral': 'DPM++ 2S a',
  'dpmpp-sde': 'DPM++ SDE',
  'dpmpp-2m': 'DPM++ 2M',
  'dpmpp-2m-sde': 'DPM++ 2M SDE',
  'dpmpp-3m-sde': 'DPM++ 3M SDE',
  lms: 'LMS',
  ipndm: 'IPNDM',
  deis: 'DEIS',
  unipc: 'UniPC',
  'res-multistep': 'Res Multistep',
  'gradient-estimation': 'Gradient Estimation',
}

function parametersOf(provenance: Provenance, { width, height }: Pixels): string {
  const { scheduler, checkpoint, loras, fromPicture, strength, guidance, ...rest } = provenance
  return formatParameters({
    ...rest,
    steps: scheduler.steps,
    sampler: samplerName(scheduler),
    cfg: guidance,
    width,
    height,
    model: stem(checkpoint),
    loras: loras.map((lora) => ({ name: stem(lora.file), strength: lora.strength })),
    ...(fromPicture && { denoise: strength }),
  })
}

/** A1111's names of schedules where it puts them behind the sampler's; others have no name there. */
const scheduleNames: Partial<Record<SigmaSchedule, string>> = {
  karras: ' Karras',
  exponential: ' Exponential',
}

function samplerName({ kind, schedule }: SchedulerSpec): string {
  return `${samplerNames[kind]}${(schedule.kind === 'sigmas' && scheduleNames[schedule.name]) || ''}`
}

function stem(file: string): string {
  return basename(file, extname(file))
}
