import { z } from 'zod'
import { fileFormatOf } from '#core/formats/file-format.ts'
import { mayName } from '#core/formats/output-name.ts'
import { documentKeyword, readPngTexts } from '#core/formats/png.ts'
import { inflateCapped } from '#engine/files/inflate.ts'
import { readExactly, withRegularFile } from '#engine/files/regular-file.ts'

/** What the header of a saved picture holds. */
export interface PictureHeader {
  readonly width: number
  readonly height: number
  /** The node that saved it; '' if its workflow does not say. */
  readonly node: string
  readonly seed?: string | undefined
}

/** How many bytes are read: enough for the texts of nearly every picture, then for those of every one. */
const reach = [2 ** 16, 2 ** 22]

/** The part of a workflow that says which node saves under which prefix. */
const saves = z.object({
  nodes: z.record(z.string(), z.object({ type: z.string(), inputs: z.record(z.string(), z.unknown()) })),
})

/**
 * Reads only the beginning of a PNG file: its size, and the workflow and seed in its text chunks.
 * @param name its path below the output folder, with forward slashes
 * @throws LoomError `parse` if it is not a PNG file, `not-found`, `io`, `limit`
 */
export function readPictureHeader(path: string, name: string): Promise<PictureHeader | undefined> {
  return withRegularFile(path, async (file) => {
    const size = Number(file.stats.size)
    for (const length of reach) {
      const bytes = await readExactly(file, 0, Math.min(size, length))
      if (fileFormatOf(bytes) !== 'png' || bytes.length < 33) return undefined
      const texts = readPngTexts(bytes, inflateCapped)
      const last = length >= size || length === reach.at(-1)
      // the seed comes after the workflow
      if (!last && !texts.has('parameters')) continue
      const view = new DataView(bytes.buffer, bytes.byteOffset)
      const seed = /^Steps: .*\bSeed: (\d{1,20})\b/m.exec(texts.get('parameters') ?? '')?.[1]
      return {
        width: view.getUint32(16),
        height: view.getUint32(20),
        node: nodeOf(texts.get(documentKeyword), name),
        ...(seed !== undefined && { seed }),
      }
    }
    return undefined
  })
}

/** The node that saved the file: the only one that saves, or the one whose prefix gives such names. */
function nodeOf(document: string | undefined, name: string): string {
  const nodes = Object.entries(parseSaves(document)).filter(([, { type }]) => type === 'save-image')
  const stem = name.replace(/-\d+\.png$/, '')
  const own = nodes.find(([, { inputs }]) => mayName(String(inputs.prefix), stem))
  return (own ?? nodes[0])?.[0] ?? ''
}

function parseSaves(document: string | undefined): z.infer<typeof saves>['nodes'] {
  try {
    return saves.parse(JSON.parse(document ?? '')).nodes
  } catch {
    return {}
  }
}
