import { LoomError } from '#core/errors.ts'
import { fromErrorData, problemsOf, toErrorData } from '#core/protocol/error-data.ts'
import { systemError } from '#engine/files/os-error.ts'
import { printable, printNote, styled } from './output.ts'

/** What is thrown anywhere, as the error that is printed. */
export function asLoomError(thrown: unknown): LoomError {
  return thrown instanceof LoomError ? thrown : (systemError(thrown) ?? fromErrorData(toErrorData(thrown)))
}

/** Prints an error for a person; the stack only with `verbose`. */
export function printError(error: LoomError, verbose: boolean): void {
  printNote(`${styled('red', 'error:')} ${describe(error)}`)
  const problems = problemsOf(error)
  for (const problem of problems) printProblem(problem)
  if (problems.length === 0) printDetails(error)
  if (verbose) printNote(styled('dim', printable(toErrorData(error).stack ?? '')))
}

/** One problem of a list, by node and input. */
export function printProblem(problem: LoomError): void {
  const { node, input } = problem
  const where = [node, input].filter((name) => name !== undefined).join('.')
  printNote(`  ${where === '' ? '' : `${styled('bold', printable(where))}: `}${describe(problem)}`)
  printHint(problem, '    ')
}

export function printWarning(warning: LoomError): void {
  printNote(`${styled('yellow', 'warning:')} ${describe(warning)}`)
  printDetails(warning)
}

function printDetails(error: LoomError): void {
  const { node, input } = error
  if (node !== undefined)
    printNote(`  node ${printable(node)}${input === undefined ? '' : `, input ${printable(input)}`}`)
  printHint(error, '  ')
}

function printHint({ hint }: LoomError, indent: string): void {
  if (hint !== undefined) printNote(`${indent}${styled('cyan', 'hint:')} ${printable(hint)}`)
}

function describe({ message }: LoomError): string {
  return printable(message)
}
