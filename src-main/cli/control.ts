import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { LoomError } from '#core/errors.ts'
import { createFileAtomic } from '#engine/files/atomic.ts'
import type { Server } from '../server/server.ts'
import { printJson } from './output.ts'
import { asLoomError } from './print-error.ts'

const question = z.union([
  /** `create`: the file may be missing, for it is going to be saved to. */
  z.object({ file: z.string(), create: z.boolean().default(false) }),
  /** Where the file of an id is. */
  z.object({ locate: z.enum(['picture', 'document']), id: z.string() }),
])

const emptyWorkflow = '{ "format": "latent-loom", "version": 1, "nodes": {} }\n'

/**
 * Answers each line of stdin: a file that it names becomes a document of the server, and an id is told where its file is.
 * Only the process that started this one speaks here: it shows the dialogs in which a person chooses files.
 * @returns when stdin ends
 */
export async function answerControl({ library }: Pick<Server, 'library'>): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      printJson(await answerTo(questionOf(line), library))
    } catch (error) {
      printJson({ error: asLoomError(error).message })
    }
  }
}

async function answerTo(asked: z.output<typeof question>, library: Server['library']): Promise<object> {
  if ('locate' in asked) return { path: await library.locate(asked.locate, asked.id) }
  const path = resolve(asked.file)
  if (asked.create) await createFileAtomic(path, emptyWorkflow).catch(() => {})
  return { id: await library.addDocument(path) }
}

function questionOf(line: string): z.output<typeof question> {
  try {
    return question.parse(JSON.parse(line))
  } catch (cause) {
    throw new LoomError('parse', 'A line on stdin is no question.', { cause })
  }
}
