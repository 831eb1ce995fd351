import type { Engine } from '#engine/engine.ts'
import { engineEnvironment } from '../host/environment.ts'
import { cacheFolder, preparedFolder } from '../host/paths.ts'
import { superviseEngine } from '../host/supervisor.ts'
import type { Context } from './command.ts'
import { endLimits, endWithin, interrupts, sameKeyPress } from './ending.ts'
import { printable, printNote } from './output.ts'

interface Setting {
  readonly models: readonly string[]
  readonly verbose: boolean
  readonly notify?: (line: string) => void
}

/**
 * Lends an engine in a process of its own. The first interrupt aborts `signal`, the second ends the process at once.
 * @param setting.models folders that model files are looked for in
 * @param setting.notify prints a line for the person who interrupts
 */
export async function withEngine<T>(
  { engineModule, endLimits: limits = endLimits }: Context,
  { models, verbose, notify = printNote }: Setting,
  use: (engine: Engine, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const supervisor = superviseEngine({
    module: engineModule,
    options: { models, cacheFolder, preparedFolder: preparedFolder() },
    environment: engineEnvironment(),
    ...(verbose && { log: (text: string) => process.stderr.write(printable(text)) }),
  })
  const controller = new AbortController()
  let interruptedAt = Number.NEGATIVE_INFINITY
  const interrupt = () => {
    const now = performance.now()
    if (now - interruptedAt < sameKeyPress) return
    interruptedAt = now
    if (controller.signal.aborted) {
      supervisor.kill()
    } else {
      notify('Stopping after this step; press Ctrl-C again to stop at once.')
      controller.abort()
    }
  }
  for (const name of interrupts) process.on(name, interrupt)
  // who asks so has no key to press again
  process.once('SIGTERM', () => {
    setTimeout(() => supervisor.kill(), limits.engine).unref()
    endWithin(limits.process)
  })
  try {
    return await use(supervisor, controller.signal)
  } finally {
    await supervisor.close()
    for (const name of interrupts) process.off(name, interrupt)
  }
}
