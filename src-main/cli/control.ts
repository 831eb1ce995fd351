import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { LoomError } from '#core/errors.ts'
import { createFileAtomic } from '#engine/files/atomic.ts'
import type { Server } from '../server/server.ts'
import { printJson } from './output.ts'
import { asLoomError } from './print-error.ts'

/** `create`: the file may be missing, for it is going to be saved to. */
const question = z.object({ file: z.string(), create: z.boolean().default(false) })

const emptyWorkflow = '{ "format": "latent-loom", "version": 1, "nodes": {} }\n'

/**
 * Makes the files that stdin names documents of the server, and answers each line with an id. Only the process that started
 * this one speaks here: it shows the dialogs in which a person chooses files.
 * @returns when stdin ends
 */
export async function answerControl({ library }: Pick<Server, 'library'>): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      const { file, create } = questionOf(line)
      const path = resolve(file)
      if (create) await createFileAtomic(path, emptyWorkflow).catch(() => {})
      printJson({ id: await library.addDocument(path) })
    } catch (error) {
      printJson({ id: null, error: asLoomError(error).message })
    }
  }
}

function questionOf(line: string): z.output<typeof question> {
  try {
    return question.parse(JSON.parse(line))
  } catch (cause) {
    throw new LoomError('parse', 'A line on stdin is no question.', { cause })
  }
}
