import { randomUUID } from 'node:crypto'
import { rename } from 'node:fs/promises'
import type { z } from 'zod'
import { readRegularText } from '#engine/files/regular-file.ts'

/**
 * Reads one of the program's own JSON files; undefined if it is missing or unreadable. A damaged file is moved
 * aside under another name, so that nothing is lost and the program starts.
 */
export async function readJsonFile<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S> | undefined> {
  let text: string
  try {
    text = await readRegularText(path)
  } catch {
    return undefined
  }
  try {
    return schema.parse(JSON.parse(text))
  } catch {
    await rename(path, `${path}.${randomUUID()}.damaged`).catch(() => {})
    return undefined
  }
}
