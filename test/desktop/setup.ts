import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { buildPage } from '../build-page.ts'
import { type Electron, findElectron } from './find-electron.ts'
import { openScreen, type Screen } from './screen.ts'
import { buildShell, type Shell } from './shell.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Absent where no window can be tested. */
    desktop: (Pick<Electron, 'version'> & Pick<Screen, 'env' | 'frame'> & Shell) | undefined
  }
}

/** Before all tests of the window, once: finds Electron and a screen, and builds page and shell. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'latent-loom-desktop-'))
  const place = await findPlace(folder)
  if (!place) {
    project.provide('desktop', undefined)
    return undefined
  }
  const { electron, screen } = place
  const shell = await buildShell(electron, folder)
  await buildPage()
  project.provide('desktop', { version: electron.version, env: screen.env, frame: screen.frame, ...shell })
  return async () => {
    await screen.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Says in one line why there is none. */
async function findPlace(folder: string): Promise<{ electron: Electron; screen: Screen } | undefined> {
  try {
    return { electron: await findElectron(), screen: await openScreen(folder) }
  } catch (error) {
    process.stderr.write(`The window is not tested: ${error instanceof Error ? error.message : error}.\n`)
    return undefined
  }
}
