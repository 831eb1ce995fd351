import { fromErrorData, withoutStack } from '#core/protocol/error-data.ts'
import { defineCommand, exitCode } from './command.ts'
import { printJson, printNote } from './output.ts'
import { printProblem } from './print-error.ts'
import { modelFoldersOf, sourceFlags, sourceOf } from './source.ts'
import { withEngine } from './with-engine.ts'

export const validate = defineCommand({
  summary: 'Check a workflow and list all its problems',
  details: 'FILE is a .loom.json workflow, or a picture that carries one. Nothing is run and no tensor is read.',
  operands: ['FILE'],
  flags: { ...sourceFlags, json: { kind: 'switch', help: 'Print the problems as JSON' } },
  async execute({ values, operands: [file = ''] }, context) {
    const source = await sourceOf(file, values)
    const models = await modelFoldersOf(values.models)
    const { problems, advice } = await withEngine(context, { models, verbose: values.verbose }, (engine) =>
      engine.validate(source),
    )
    if (values.json) {
      printJson({ problems: problems.map(withoutStack), advice: advice.map(withoutStack) })
    } else {
      printNote(
        problems.length === 0 ? 'No problems.' : problems.length === 1 ? '1 problem:' : `${problems.length} problems:`,
      )
      for (const problem of problems) printProblem(fromErrorData(problem))
      if (advice.length > 0) printNote('Advice:')
      for (const each of advice) printProblem(fromErrorData(each))
    }
    return problems.length === 0 ? exitCode.done : exitCode.usage
  },
})
