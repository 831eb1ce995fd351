import type { Host } from './host.ts'

export interface Lasting {
  /** Starts a server, and calls `ended` when it has ended by itself. */
  start(ended: () => void): Promise<Host>
  /** Asks the person what to do without a server. `reason`: why there is none. */
  ask(reason: string): Promise<'start' | 'quit'>
  /** Called when another server has taken the place of the last one. */
  replaced(host: Host): void
  quit(): void
}

/**
 * A server that outlives the end of its process: a person is asked, and another one takes its place.
 * @throws as `start` does, the first time
 */
export async function startLastingHost({ start, ask, replaced, quit }: Lasting): Promise<Host> {
  async function replace(): Promise<void> {
    let reason = 'The server process ended.'
    for (;;) {
      if ((await ask(reason)) === 'quit') return quit()
      try {
        current = await start(ended)
        return replaced(current)
      } catch (error) {
        reason = messageOf(error)
      }
    }
  }
  const ended = () => void replace()
  let current = await start(ended)
  return {
    get url() {
      return current.url
    },
    register: (file, options) => current.register(file, options),
    locate: (kind, id) => current.locate(kind, id),
    close: () => current.close(),
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
