import type { Arguments, Flags, Operands } from './arguments.ts'
import type { EndLimits } from './ending.ts'

/** The documented exit codes. */
export const exitCode = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const
export type ExitCode = (typeof exitCode)[keyof typeof exitCode]

/** What a command gets besides its arguments. */
export interface Context {
  /** File URL of the module that exports `createEngine`. */
  readonly engineModule: string
  /** Folder of the built editor. */
  readonly editorFolder: string
  /** Absent: the usual ones. */
  readonly endLimits?: EndLimits
}

export interface Command<F extends Flags = Flags> {
  readonly summary: string
  /** Extra lines of the command's help. */
  readonly details?: string
  readonly operands: Operands
  readonly flags: F
  /** @throws LoomError which `main` prints and turns into the exit code */
  execute(given: Arguments<F & CommonFlags>, context: Context): Promise<ExitCode>
}

/** Flags of every command. */
export const commonFlags = {
  verbose: { kind: 'switch', help: 'Print stack traces, what the engine prints, and what was migrated' },
  help: { kind: 'switch', short: 'h', help: 'Print this help' },
} as const
export type CommonFlags = typeof commonFlags

/** Types the flags inside `execute` and erases them for the table of commands. */
export function defineCommand<const F extends Flags>(command: Command<F>): Command {
  return command
}
