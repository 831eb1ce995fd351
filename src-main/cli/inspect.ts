import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { defineCommand, exitCode } from './command.ts'
import { requireFile } from './document-file.ts'
import { outline } from './outline.ts'
import { printJson, printResult } from './output.ts'
import { modelFlags, modelFoldersOf } from './source.ts'
import { withEngine } from './with-engine.ts'

export const inspect = defineCommand({
  summary: 'Tell what a model is, what a picture carries, or whose a workflow is',
  details:
    'FILE is a model file, a diffusers folder, a picture (PNG, JPEG, WebP) or a workflow. Only headers are read.',
  operands: ['FILE'],
  flags: {
    against: { kind: 'text', value: 'CHECKPOINT', help: 'Match the keys of an adapter with this checkpoint' },
    ...modelFlags,
    json: { kind: 'switch', help: 'Print JSON' },
  },
  async execute({ values, operands: [file = ''] }, context) {
    const { against, json, verbose } = values
    await requireFile(file)
    const models = await modelFoldersOf(values.models)
    const inspection = await withEngine(context, { models, verbose }, (engine) =>
      engine.inspect({ file: resolve(file), ...(against !== undefined && { against: pathOrName(against) }) }),
    )
    if (json) printJson(inspection)
    else for (const line of outline(inspection)) printResult(line)
    return exitCode.done
  },
})

/** A name that is no path from here is looked for in the model folders. */
function pathOrName(file: string): string {
  return existsSync(file) ? resolve(file) : file
}
