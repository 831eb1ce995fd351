import { basename, extname } from 'node:path'
import { cancelled } from '#core/errors.ts'
import { formatParameters } from '#core/formats/a1111.ts'
import { documentKeyword } from '#core/formats/png.ts'
import { type Provenance, provenanceOf } from '#core/plan/provenance.ts'
import type { SchedulerSpec, SolverKind } from '#core/plan/scheduler.ts'
import { writeNumberedFile } from '../files/numbered-file.ts'
import { withRegularFile } from '../files/regular-file.ts'
import { decodeImage } from '../images/decode.ts'
import { encodePng, type Pixels, toPixels } from '../images/encode.ts'
import type { StepContext, StepRule } from '../runtime/executor.ts'
import type { FloatTensor } from '../runtime/values.ts'
import { floatBytes } from './tensors.ts'

export const loadImage: StepRule<'load-image'> = {
  files: ({ file }) => [file],
  bytes: ({ tensor }) => floatBytes(tensor),
  async run(context, _inputs, { file }) {
    const path = await context.resolve(file)
    const bytes = await withRegularFile(path, ({ handle }) => handle.readFile())
    return { tensor: await decodeImage(bytes, path) }
  },
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
  const provenance = provenanceOf(context.step)
  const [batch = 1] = tensor.shape
  for (let index = 0; index < batch; index++) {
    if (context.signal.aborted) throw cancelled()
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
  ddim: 'DDIM',
  euler: 'Euler',
  'euler-ancestral': 'Euler a',
  'dpmpp-2m': 'DPM++ 2M',
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

function samplerName(spec: SchedulerSpec): string {
  return `${samplerNames[spec.kind]}${'karras' in spec && spec.karras ? ' Karras' : ''}`
}

function stem(file: string): string {
  return basename(file, extname(file))
}
