import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { buildPage } from '../build-page.ts'
import { type Electron, findElectron } from './find-electron.ts'
import { openScreen, type Screen } from './screen.ts'
import { buildShells, type Shell } from './shell.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Absent where no window can be tested. */
    desktop: { readonly version: Electron['version']; readonly seats: readonly Seat[] } | undefined
  }
}

/** A program and a screen for one worker at a time. */
export type Seat = Pick<Screen, 'env' | 'frame'> & Shell

/** Before all tests of the window, once: finds Electron, and builds the page and a seat for each worker. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'latent-loom-desktop-'))
  const place = await findPlace(folder, project.config.maxWorkers)
  if (!place) {
    project.provide('desktop', undefined)
    return undefined
  }
  const { electron, screens } = place
  const shells = await buildShells(electron, folder, screens.length)
  await buildPage()
  const seats = screens.flatMap(({ env, frame }, index) => {
    const shell = shells[index]
    return shell ? [{ env, ...(frame !== undefined && { frame }), ...shell }] : []
  })
  project.provide('desktop', { version: electron.version, seats })
  return async () => {
    await Promise.all(screens.map((screen) => screen.close()))
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Says in one line why there is none. */
async function findPlace(
  folder: string,
  count: number,
): Promise<{ electron: Electron; screens: readonly Screen[] } | undefined> {
  try {
    const electron = await findElectron()
    const screens = Array.from({ length: count }, (_, index) => openScreen(join(folder, `screen-${index}`)))
    return { electron, screens: await Promise.all(screens) }
  } catch (error) {
    process.stderr.write(`The window is not tested: ${error instanceof Error ? error.message : error}.\n`)
    return undefined
  }
}
