import type { Params, Result, RunEvent } from '#core/protocol/messages.ts'

/** Interface of the engine, in this or another process. */
export interface Engine {
  /**
   * Runs a workflow for its effects or for the given targets.
   * @throws LoomError `invalid` with all problems in `cause` (an array of LoomError), `cancelled`, or a step's error
   */
  run(options: Params<'run'>, emit: (event: RunEvent) => void, signal: AbortSignal): Promise<Result<'run'>>
  validate(options: Params<'validate'>): Promise<Result<'validate'>>
  inspect(options: Params<'inspect'>): Promise<Result<'inspect'>>
  devices(): Promise<Result<'devices'>>
  /** Releases all sessions. The engine cannot be used afterwards. */
  close(): Promise<void>
}
