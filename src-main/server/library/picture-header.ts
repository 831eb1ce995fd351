import { basename } from 'node:path'
import { z } from 'zod'
import { sanitizeFileName } from '#core/formats/file-name.ts'
import { documentKeyword, readPngTexts } from '#core/formats/png.ts'
import { inflateCapped } from '#engine/files/inflate.ts'
import { readExactly, withRegularFile } from '#engine/files/regular-file.ts'
import { pictureFormatOf } from './picture-format.ts'

/** What a saved picture says of itself. */
export interface PictureHeader {
  readonly width: number
  readonly height: number
  /** The node that saved it; '' if its workflow does not tell. */
  readonly node: string
  readonly seed?: string | undefined
}

/** Bytes that hold the texts of nearly every picture, and of every one. */
const reach = [2 ** 16, 2 ** 22]

/** Only as much of a workflow as tells which node saves under which name. */
const saves = z.object({
  nodes: z.record(z.string(), z.object({ type: z.string(), inputs: z.record(z.string(), z.unknown()) })),
})

/**
 * Reads the beginning of a PNG file alone: its size, and the workflow and the seed of its texts.
 * @throws LoomError `parse` if it is no PNG file, `not-found`, `io`, `limit`
 */
export function readPictureHeader(path: string): Promise<PictureHeader | undefined> {
  return withRegularFile(path, async (file) => {
    const size = Number(file.stats.size)
    for (const length of reach) {
      const bytes = await readExactly(file, 0, Math.min(size, length))
      if (pictureFormatOf(bytes) !== 'png' || bytes.length < 33) return undefined
      const texts = readPngTexts(bytes, inflateCapped)
      const last = length >= size || length === reach.at(-1)
      // the seed stands behind the workflow
      if (!last && !texts.has('parameters')) continue
      const view = new DataView(bytes.buffer, bytes.byteOffset)
      const seed = /^Steps: .*\bSeed: (\d{1,20})\b/m.exec(texts.get('parameters') ?? '')?.[1]
      return {
        width: view.getUint32(16),
        height: view.getUint32(20),
        node: nodeOf(texts.get(documentKeyword), basename(path)),
        ...(seed !== undefined && { seed }),
      }
    }
    return undefined
  })
}

/** The only node that saves, or the one whose prefix the file's name begins with. */
function nodeOf(document: string | undefined, name: string): string {
  const nodes = Object.entries(parseSaves(document)).filter(([, { type }]) => type === 'save-image')
  const stem = name.replace(/-\d+\.png$/, '')
  const own = nodes.find(([, { inputs }]) => sanitizeFileName(String(inputs.prefix)) === stem)
  return (own ?? nodes[0])?.[0] ?? ''
}

function parseSaves(document: string | undefined): z.infer<typeof saves>['nodes'] {
  try {
    return saves.parse(JSON.parse(document ?? '')).nodes
  } catch {
    return {}
  }
}
