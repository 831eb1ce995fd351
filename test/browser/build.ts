import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { programFolder } from '#main/program.ts'
import { findBrowser } from './browser.ts'

/** Before all browser tests, once: builds the page, so that they see what users see, and finds the browser for them. */
export async function setup(): Promise<void> {
  process.env.CHROMIUM = await findBrowser()
  // in the environment of tests Vite would build what developers see, which is larger and slower
  const vite = join(programFolder, 'node_modules', 'vite', 'bin', 'vite.js')
  await promisify(execFile)(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
    cwd: programFolder,
    env: { ...process.env, NODE_ENV: 'production' },
  })
}
