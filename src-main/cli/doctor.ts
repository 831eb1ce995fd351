import { toErrorData, withoutStack } from '#core/protocol/error-data.ts'
import { examine, reportLines } from '../server/diagnostics.ts'
import { defineCommand, exitCode } from './command.ts'
import { printJson, printResult } from './output.ts'
import { asLoomError, printError } from './print-error.ts'
import { modelFlags, modelFoldersOf } from './source.ts'
import { withEngine } from './with-engine.ts'

export const doctor = defineCommand({
  summary: 'Report devices, versions and folders, what is missing and how to get it',
  operands: [],
  flags: {
    ...modelFlags,
    json: { kind: 'switch', help: 'Print JSON' },
  },
  async execute({ values }, context) {
    const models = await modelFoldersOf(values.models)
    const { report, error: thrown } = await examine(models, () =>
      withEngine(context, { models, verbose: values.verbose }, (engine) => engine.devices()),
    )
    const error = thrown === undefined ? undefined : asLoomError(thrown)
    if (values.json) printJson({ ...report, ...(error && { error: withoutStack(toErrorData(error)) }) })
    else {
      for (const line of reportLines(report)) printResult(line)
      if (error) printError(error, values.verbose)
    }
    return error ? exitCode.failed : exitCode.done
  },
})
