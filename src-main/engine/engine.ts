import type { Params, Result, RunEvent } from '#core/protocol/messages.ts'

/** What the engine can do, whatever process it lives in: the host calls it, the protocol carries it. */
export interface Engine {
  /**
   * Runs a workflow to its effects, or to its targets.
   * @throws LoomError `invalid` with all problems in `cause` (an array of LoomError), `cancelled`, or what went wrong
   */
  run(options: Params<'run'>, emit: (event: RunEvent) => void, signal: AbortSignal): Promise<Result<'run'>>
  validate(options: Params<'validate'>): Promise<Result<'validate'>>
  inspect(options: Params<'inspect'>): Promise<Result<'inspect'>>
  devices(): Promise<Result<'devices'>>
  /** Ends every session; the engine is of no use afterwards. */
  close(): Promise<void>
}
