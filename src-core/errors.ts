/** The meaning of every error code. `docs/errors.md` is generated from this table. */
export const errorCodes = {
  parse: 'The bytes are not what their format demands.',
  limit: 'The input is larger, longer or deeper than the limit.',
  range: 'A value lies outside its range.',
  type: 'A value or a link has the wrong type.',
  unsupported: 'The file or feature is known and not supported.',
  'not-found': 'A file, node or name does not exist.',
  'missing-input': 'A required input has neither a value nor a link.',
  cycle: 'The graph runs in a circle.',
  'unknown-node': 'The workflow names a node type that this version does not have.',
  mismatch: 'Two things that have to fit do not: an adapter and a model, a hash and a file.',
  unsure: 'A file hints at something without showing it for certain; the artist decides.',
  io: 'The operating system refused to read or write.',
  memory: 'There is not enough memory.',
  cancelled: 'The run was cancelled.',
  engine: 'The engine process ended or answered nonsense.',
  conflict: 'The file was changed by somebody else since it was read, or another server uses the folder.',
  forbidden: 'The server does not answer this caller.',
  usage: 'The command line was called wrongly.',
  invalid: 'The workflow has problems; each is listed.',
  internal: 'A fault of Latent Loom itself.',
} as const

export type ErrorCode = keyof typeof errorCodes

export interface LoomErrorDetails {
  /** Id of the node that the error belongs to. */
  readonly node?: string
  /** Name of the input of that node. */
  readonly input?: string
  /** What the user can do about it, as a sentence. */
  readonly hint?: string
  /** Values of the input, each of which settles it, best first. The editor offers them as buttons. */
  readonly answers?: readonly (number | string)[]
  /** Values for inputs of the node that feeds the input, which settle it together. The editor offers them as one button. */
  readonly sourceAnswers?: Readonly<Record<string, number>>
  readonly cause?: unknown
}

/**
 * The only error that leaves a module. `message` says what happened to what, `hint` says what to do.
 */
export class LoomError extends Error {
  override readonly name = 'LoomError'
  readonly code: ErrorCode
  readonly node: string | undefined
  readonly input: string | undefined
  readonly hint: string | undefined
  readonly answers: readonly (number | string)[] | undefined
  readonly sourceAnswers: Readonly<Record<string, number>> | undefined

  constructor(code: ErrorCode, message: string, details: LoomErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.node = details.node
    this.input = details.input
    this.hint = details.hint
    this.answers = details.answers
    this.sourceAnswers = details.sourceAnswers
  }

  /** The same error, with the node (and the input) of the workflow that it belongs to. A node already named stays, and so does the stack of the first throw. */
  at(node: string, input?: string): LoomError {
    const placed = new LoomError(this.code, this.message, {
      node: this.node ?? node,
      input: this.input ?? input,
      hint: this.hint,
      answers: this.answers,
      sourceAnswers: this.sourceAnswers,
      cause: this.cause,
    })
    placed.stack = this.stack
    return placed
  }
}

/** The error of a run that was cancelled. */
export function cancelled(): LoomError {
  return new LoomError('cancelled', 'The run was cancelled.')
}
