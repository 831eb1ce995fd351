import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { programFolder } from '#main/program.ts'

/** In the environment, because each project of a run loads its own copy of this module. */
const mark = 'LATENT_LOOM_PAGE_IS_BUILT'

/** Builds the editor's page once per run, so that tests see what users see. */
export async function buildPage(): Promise<void> {
  if (process.env[mark]) return
  // in the environment of tests Vite would build what developers see, which is larger and slower
  const vite = join(programFolder, 'node_modules', 'vite', 'bin', 'vite.js')
  await promisify(execFile)(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
    cwd: programFolder,
    env: { ...process.env, NODE_ENV: 'production' },
  })
  process.env[mark] = 'yes'
}
