import { z } from 'zod'

/** A file of a project, as an index lists it. */
export interface IndexFile {
  readonly name: string
  readonly url: string
  readonly bytes: number
  readonly sha256: string
}

/** Asks for the index in JSON (PEP 691). */
export const indexHeaders = { accept: 'application/vnd.pypi.simple.v1+json' }

const page = z.object({
  files: z.array(
    z.object({
      filename: z.string(),
      url: z.string(),
      size: z.int().optional(),
      hashes: z.object({ sha256: z.string().optional() }),
    }),
  ),
})

/**
 * The files on a project's page in an index.
 * @param url address of the page, which relative addresses start from
 * @throws Error if the text is no such page
 */
export function readIndex(text: string, url: string): IndexFile[] {
  return page.parse(JSON.parse(text)).files.map(({ filename, url: at, size = 0, hashes }) => ({
    name: filename,
    url: new URL(at, url).href,
    bytes: size,
    sha256: hashes.sha256 ?? '',
  }))
}
