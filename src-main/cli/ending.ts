/** Milliseconds after the system asked a command to end. It kills after 10 s. */
export interface EndLimits {
  /** When the engine of a run that has not ended is killed. */
  readonly engine: number
  /** When the process kills itself. */
  readonly process: number
}

export const endLimits: EndLimits = { engine: 8_000, process: 9_000 }

/** Signals that ask a command to end. */
export const interrupts = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** A launcher forwards the Ctrl-C that the terminal sent to both; two within this time, in milliseconds, are one. */
export const sameKeyPress = 200

/** Ends the process even if something keeps it, such as a call that waits for a lost drive: Node would wait for that too. */
export function endWithin(milliseconds: number): void {
  setTimeout(endAtOnce, milliseconds).unref()
}

export const endAtOnce = (): void => void process.kill(process.pid, 'SIGKILL')
