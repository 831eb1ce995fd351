import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

/** Where windows are shown. */
export interface Screen {
  /** What a program needs in its environment. */
  readonly env: Readonly<Record<string, string>>
  /** The file that holds what is on the screen, in X's own format; absent on a person's screen. */
  readonly frame?: string
  close(): Promise<void>
}

const ownScreen: Screen = { env: {}, close: async () => {} }

/**
 * A screen in memory on Linux, so that no window comes up before the person; elsewhere, and without Xvfb, the person's own.
 * @param folder of what is on the screen
 * @throws Error in one line if there is none
 */
export async function openScreen(folder: string): Promise<Screen> {
  if (process.platform !== 'linux') return ownScreen
  const frames = join(folder, 'screen')
  mkdirSync(frames, { recursive: true })
  const options = ['-screen', '0', '1600x1000x24', '-nolisten', 'tcp', '-fbdir', frames]
  // it takes the first number that is free, and says which
  const xvfb = spawn('Xvfb', ['-displayfd', '3', ...options], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
  const exit = new Promise<undefined>((resolve) => {
    xvfb.once('error', () => resolve(undefined))
    xvfb.once('exit', () => resolve(undefined))
  })
  const lines = createInterface({ input: xvfb.stdio[3] as Readable })
  const number = await Promise.race([once(lines, 'line').then(([line]) => String(line)), exit])
  if (number === undefined) {
    if (process.env.DISPLAY) return ownScreen
    throw new Error('there is no screen: install Xvfb')
  }
  return {
    env: { DISPLAY: `:${number}` },
    frame: join(frames, 'Xvfb_screen0'),
    async close() {
      xvfb.kill()
      await exit
    },
  }
}
