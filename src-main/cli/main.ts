import type { ErrorCode } from '#core/errors.ts'
import { poolThreads } from '#engine/files/drives.ts'
import { editorFolder, programModules, programVersion } from '../program.ts'
import { type Arguments, parseArguments, unknown } from './arguments.ts'
import { type Command, type CommonFlags, type Context, commonFlags, type ExitCode, exitCode } from './command.ts'
import { commands } from './commands.ts'
import { commandHelp, programHelp } from './help.ts'
import { printErrorLine } from './json-lines.ts'
import { ignoreClosedPipes, printNote } from './output.ts'
import { asLoomError, printError } from './print-error.ts'
import { run } from './run.ts'

/** Errors that are not failures of the work. */
const exitCodes: Partial<Record<ErrorCode, ExitCode>> = {
  usage: exitCode.usage,
  invalid: exitCode.usage,
  cancelled: exitCode.interrupted,
}

const program: Context = { engineModule: programModules.engine.href, editorFolder }

/** `latent-loom --run FILE` means `latent-loom run FILE`; a desktop program is started so too. */
const flagForm = {
  run: { kind: 'text', value: 'FILE', help: 'The workflow to run' },
  headless: { kind: 'switch', help: 'Without a window, as always here' },
} as const

/**
 * The command line. Prints what is to be said and never throws.
 * @param args what follows the program's name
 * @returns the exit code
 */
export async function main(args: readonly string[], context: Context = program): Promise<ExitCode> {
  ignoreClosedPipes()
  // counts until the first call, and in the processes that this one starts
  process.env.UV_THREADPOOL_SIZE ??= String(poolThreads)
  try {
    return await dispatch(args, context)
  } catch (error) {
    return fail(error, { json: false, verbose: args.includes('--verbose') })
  }
}

async function dispatch(args: readonly string[], context: Context): Promise<ExitCode> {
  const [name, ...rest] = args
  if (name === undefined) {
    printNote(programHelp())
    return exitCode.usage
  }
  if (name === '--version') return print(programVersion)
  if (name === '--help' || name === '-h') return print(programHelp().trimEnd())
  if (name.startsWith('-')) return runByFlag(args, context)
  const command = commands.get(name)
  if (!command) throw unknown('command', name, [...commands.keys()])
  if (asksForHelp(rest)) return print(commandHelp(name, command).trimEnd())
  return execute(command, parseArguments(rest, { ...command.flags, ...commonFlags }, command.operands), context)
}

function runByFlag(args: readonly string[], context: Context): Promise<ExitCode> {
  const { values } = parseArguments(args, { ...run.flags, ...commonFlags, ...flagForm }, [])
  if (values.run === undefined) throw unknown('command', args[0] ?? '', [...commands.keys(), '--run'])
  return execute(run, { values, operands: [values.run] }, context)
}

async function execute(command: Command, given: Arguments<CommonFlags>, context: Context): Promise<ExitCode> {
  try {
    return await command.execute(given, context)
  } catch (error) {
    return fail(error, { json: 'json' in given.values && given.values.json === true, verbose: given.values.verbose })
  }
}

function fail(thrown: unknown, { json, verbose }: { json: boolean; verbose: boolean }): ExitCode {
  const error = asLoomError(thrown)
  if (json) printErrorLine(error, verbose)
  else printError(error, verbose)
  return exitCodes[error.code] ?? exitCode.failed
}

function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  return args.slice(0, end < 0 ? undefined : end).some((argument) => argument === '--help' || argument === '-h')
}

function print(text: string): ExitCode {
  process.stdout.write(`${text}\n`)
  return exitCode.done
}
