import { LoomError } from '#core/errors.ts'
import type { FileKnowledge } from '#core/types/facts.ts'
import { type Family, type FileKind, UNKNOWN } from '#core/types/types.ts'
import { readAdapterBase } from './adapters/open.ts'
import { withRegularFile } from './files/regular-file.ts'
import { pictureSize } from './images/decode.ts'
import { openCheckpoint } from './models/detect.ts'

/** What validation and inference need of a file, from its header alone; what is wrong with it is knowledge too. */
export async function readFact(path: string, kind: FileKind): Promise<FileKnowledge> {
  try {
    return await readers[kind](path)
  } catch (error) {
    return asKnowledge(error, path)
  }
}

const readers: Record<FileKind, (path: string) => Promise<FileKnowledge>> = {
  async checkpoint(path) {
    const { family, prediction, unet, textEncoder, vae } = await openCheckpoint(path)
    return {
      kind: 'checkpoint',
      family,
      prediction,
      guidanceEmbedding: unet?.config.guidanceWidth !== undefined,
      hasModel: unet !== undefined,
      hasClip: textEncoder !== undefined,
      hasVae: vae !== undefined,
    }
  },
  async lora(path) {
    const { family } = await readAdapterBase(path)
    return { kind: 'lora', family: familyNames.get(family ?? '') ?? UNKNOWN }
  },
  async image(path) {
    return { kind: 'image', ...(await withRegularFile(path, () => pictureSize(path, path))) }
  },
}

/** Families by the names that files are recognised under. */
const familyNames: ReadonlyMap<string, Family> = new Map([
  ['SD1.x', 'sd1'],
  ['SD2.x', 'sd2'],
  ['SDXL', 'sdxl'],
  ['SD3', 'sd3'],
  ['Flux', 'flux'],
])

/** An error as knowledge of a file; codes that say nothing of files count as unreadable. */
export function asKnowledge(error: unknown, path: string): FileKnowledge {
  if (!(error instanceof LoomError)) {
    const reason = error instanceof Error ? error.message : String(error)
    return { kind: 'error', code: 'parse', message: `${path} could not be read: ${reason}.` }
  }
  const { code, message, hint } = error
  const known = code === 'not-found' || code === 'unsupported' || code === 'io' || code === 'limit' ? code : 'parse'
  return { kind: 'error', code: known, message, ...(hint !== undefined && { hint }) }
}
