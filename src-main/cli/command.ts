import type { Arguments, Flags, Operands } from './arguments.ts'

/** The documented exit codes. */
export const exitCode = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const
export type ExitCode = (typeof exitCode)[keyof typeof exitCode]

/** What a command knows beyond its arguments. */
export interface Context {
  /** Address of the module that exports `createEngine`. */
  readonly engineModule: string
  /** Where the built editor is. */
  readonly editorFolder: string
}

export interface Command<F extends Flags = Flags> {
  readonly summary: string
  /** More lines for the command's own help. */
  readonly details?: string
  readonly operands: Operands
  readonly flags: F
  /** @throws LoomError what went wrong; `main` prints it and chooses the exit code */
  execute(given: Arguments<F & CommonFlags>, context: Context): Promise<ExitCode>
}

/** What every command takes. */
export const commonFlags = {
  verbose: { kind: 'switch', help: 'Print stack traces and what the engine prints' },
  help: { kind: 'switch', short: 'h', help: 'Print this help' },
} as const
export type CommonFlags = typeof commonFlags

/** Keeps the types of the flags for `execute`, and forgets them for the table of commands. */
export function defineCommand<const F extends Flags>(command: Command<F>): Command {
  return command
}
