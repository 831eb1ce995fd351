import { basename, extname, join } from 'node:path'
import { cancelled } from '#core/errors.ts'
import { formatParameters } from '#core/formats/a1111.ts'
import { fixedFolders, type NameFacts, outputName } from '#core/formats/output-name.ts'
import { documentKeyword } from '#core/formats/png.ts'
import type { Plan } from '#core/plan/plan.ts'
import { type Provenance, provenanceOf } from '#core/plan/provenance.ts'
import { isOp } from '#core/plan/step.ts'
import { checkSubfolder } from '../files/make-folder.ts'
import { writeNumberedFile } from '../files/numbered-file.ts'
import { osError } from '../files/os-error.ts'
import { readRegularFile } from '../files/regular-file.ts'
import { decodeImage, decodeMask } from '../images/decode.ts'
import { encodePng, type Pixels, toPixels } from '../images/encode.ts'
import { type FloatTensor, tensorBytes } from '../tensor/float-tensor.ts'
import { samplerNamed, upscalerNames } from './a1111-names.ts'
import type { StepContext, StepRule } from './context.ts'

export const loadImage: StepRule<'load-image'> = {
  files: ({ file }) => [file],
  bytes: tensorBytes,
  run: (context, _inputs, { file }) => decoded(context, file, decodeImage),
}

export const loadMask: StepRule<'load-mask'> = {
  files: ({ file }) => [file],
  bytes: tensorBytes,
  run: (context, _inputs, { file }) => decoded(context, file, decodeMask),
}

async function decoded(
  context: StepContext,
  file: string,
  decode: typeof decodeImage,
): Promise<{ tensor: FloatTensor }> {
  const path = await context.resolve(file)
  const bytes = await readRegularFile(path)
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

/**
 * Looks before minutes of work whether a file is in the way of the subfolders that pictures are to be saved in.
 * @throws LoomError `io`, with the node
 */
export async function checkSubfolders(plan: Plan, outputFolder: string): Promise<void> {
  for (const step of plan.steps) {
    if (!isOp(step, 'save-image')) continue
    const names = fixedFolders(step.attributes.prefix)
    await checkSubfolder(outputFolder, names).catch((error: unknown) => {
      const problem = osError(error, 'write into', join(outputFolder, ...names))
      const [node] = plan.nodesOf(step)
      throw node === undefined ? problem : problem.at(node, 'prefix')
    })
  }
}

/** Writes each picture of the batch as a PNG file, with the document and the seed in its text chunks. */
async function writePictures(
  context: StepContext,
  tensor: FloatTensor,
  prefix: string,
  more: { shown?: true } = {},
): Promise<void> {
  context.emit({ type: 'phase', phase: 'save', label: context.outputFolder })
  const [batch = 1] = tensor.shape
  // one moment for the batch, so that its pictures stay one series
  const when = new Date()
  for (let index = 0; index < batch; index++) {
    if (context.signal.aborted) throw cancelled()
    const provenance = provenanceOf(context.step, index)
    const pixels = toPixels(tensor, index)
    const texts = new Map([[documentKeyword, context.document]])
    if (provenance) texts.set('parameters', parametersOf(provenance, pixels))
    const { width, height } = pixels
    const { seed } = provenance ?? {}
    const name = outputName(prefix, { when, index, width, height, ...(provenance && drawnWith(provenance)) })
    const path = await writeNumberedFile(context.outputFolder, name, 'png', await encodePng(pixels, texts))
    context.emit({ type: 'image', path, width, height, ...(seed !== undefined && { seed }), ...more })
  }
}

function drawnWith({ seed, guidance, scheduler, checkpoint }: Provenance): Omit<NameFacts, 'when'> {
  return { seed, guidance, steps: scheduler.steps, solver: scheduler.kind, model: stem(checkpoint) }
}

function parametersOf(provenance: Provenance, picture: Pixels): string {
  const { scheduler, checkpoint, loras, fromPicture, strength, guidance, highResolutionFix: fix, ...rest } = provenance
  const { width, height } = fix?.before ?? picture
  return formatParameters({
    ...rest,
    steps: scheduler.steps,
    ...samplerNamed(scheduler),
    cfg: guidance,
    width,
    height,
    model: stem(checkpoint),
    loras: loras.map((lora) => ({ name: stem(lora.file), strength: lora.strength })),
    ...(fromPicture && { denoise: strength }),
    ...(fix && {
      highResolutionFix: {
        upscale: picture.width / width,
        steps: fix.steps,
        upscaler: upscalerNames[fix.method],
      },
    }),
  })
}

function stem(file: string): string {
  return basename(file, extname(file))
}
