import type { Engine } from '#engine/engine.ts'
import type { Supervisor } from '../host/supervisor.ts'

/** An engine whose process can be ended in the middle of a step; the next call starts another. */
export interface RestartableEngine extends Engine {
  /** Ends the process; pending calls reject as cancelled. */
  restart(): void
  /** Ends the process at once and for good. */
  kill(): void
}

/** @param start makes a supervisor, which starts its process on the first call */
export function restartableEngine(start: () => Supervisor): RestartableEngine {
  let supervisor = start()
  return {
    run: (options, emit, signal) => supervisor.run(options, emit, signal),
    validate: (options) => supervisor.validate(options),
    inspect: (options) => supervisor.inspect(options),
    devices: () => supervisor.devices(),
    restart() {
      supervisor.kill()
      supervisor = start()
    },
    kill: () => supervisor.kill(),
    close: () => supervisor.close(),
  }
}
