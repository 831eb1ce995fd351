import { LoomError } from '#core/errors.ts'
import { familyNamed } from '#core/families/families.ts'
import { prefixNotice } from '#core/formats/tensor-names.ts'
import type { FileKnowledge, Noticed } from '#core/types/facts.ts'
import { type FileKind, UNKNOWN } from '#core/types/types.ts'
import { readAdapterHeader } from './adapters/open.ts'
import { withRegularFile } from './files/regular-file.ts'
import { pictureSize } from './images/decode.ts'
import type { Checkpoint } from './models/checkpoint.ts'
import { isInpainting } from './models/config.ts'
import { checkpointOf, networkOf, readModelFiles } from './models/detect.ts'
import { detectDistillation } from './models/distillation.ts'
import type { ModelFiles } from './models/model-files.ts'
import { pictureSizeOf } from './models/picture-size.ts'

/**
 * Reads the facts for validation and inference from a file's header. An error also counts as knowledge.
 * @param name the file's name in a document, because the real path in a download cache is a hash
 */
export async function readFact(path: string, kind: FileKind, name = path): Promise<FileKnowledge> {
  try {
    return await readers[kind](path, name)
  } catch (error) {
    return asKnowledge(error, path)
  }
}

const readers: Record<FileKind, (path: string, name: string) => Promise<FileKnowledge>> = {
  async checkpoint(path, name) {
    const files = await readModelFiles(path)
    const checkpoint = checkpointOf(files)
    const { unet, textEncoder, textEncoder2, vae } = checkpoint
    return {
      kind: 'checkpoint',
      ...noticeOf(files),
      ...unetFacts(files, checkpoint, name),
      hasModel: unet !== undefined,
      hasClip: (textEncoder ?? textEncoder2) !== undefined,
      hasVae: vae !== undefined,
    }
  },
  async unet(path, name) {
    const files = await readModelFiles(path)
    return { kind: 'unet', ...noticeOf(files), ...unetFacts(files, networkOf(files, 'unet'), name) }
  },
  async 'text-encoder'(path) {
    const files = await readModelFiles(path)
    networkOf(files, 'text-encoder')
    return { kind: 'text-encoder', ...noticeOf(files), family: files.identity.base ?? UNKNOWN }
  },
  async vae(path) {
    const files = await readModelFiles(path)
    networkOf(files, 'vae')
    return { kind: 'vae', ...noticeOf(files), family: files.identity.base ?? UNKNOWN }
  },
  async lora(path, name) {
    const { base, ...told } = await readAdapterHeader(path, name)
    const family = familyNamed(base.family) ?? UNKNOWN
    return { kind: 'lora', family, ...(base.variant && { variant: base.variant }), ...told }
  },
  async image(path) {
    return { kind: 'image', ...(await withRegularFile(path, () => pictureSize(path, path))) }
  },
}

function noticeOf({ identity }: ModelFiles): Noticed {
  const notice = prefixNotice(identity.prefix)
  return notice === undefined ? {} : { notice }
}

function unetFacts({ path, metadata, parts }: ModelFiles, { family, variant, told, unet }: Checkpoint, name: string) {
  const guidanceEmbedding = unet?.config.guidanceWidth !== undefined
  const distillation = detectDistillation({ paths: [name, path], metadata, guidanceEmbedding })
  const pictureSize = pictureSizeOf({
    family,
    prediction: told.training.prediction,
    metadata,
    method: distillation?.distilled.method,
    config: parts.unet?.json,
  })
  return {
    family,
    variant,
    told,
    guidanceEmbedding,
    ...(distillation && { distillation }),
    inpainting: unet !== undefined && isInpainting(unet.config),
    ...(pictureSize !== undefined && { pictureSize }),
  }
}

/** An error as knowledge of a file. Codes that do not concern files count as unreadable. */
export function asKnowledge(error: unknown, path: string): FileKnowledge {
  if (!(error instanceof LoomError)) {
    const reason = error instanceof Error ? error.message : String(error)
    return { kind: 'error', code: 'parse', message: `${path} could not be read: ${reason}.` }
  }
  const { code, message, hint } = error
  const known = code === 'not-found' || code === 'unsupported' || code === 'io' || code === 'limit' ? code : 'parse'
  return { kind: 'error', code: known, message, ...(hint !== undefined && { hint }) }
}
