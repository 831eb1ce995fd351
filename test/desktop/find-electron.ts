import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { programFolder } from '#main/program.ts'

/** An Electron that runs on this machine. */
export interface Electron {
  readonly path: string
  readonly version: number
  /** It opens the program that its first argument names, as `electron .` does; else only the one in its own folder. */
  readonly takesPath: boolean
}

/**
 * The Electron that `ELECTRON` names, else the one of the package, if its download worked.
 * @throws Error in one line if there is none that runs
 */
export async function findElectron(): Promise<Electron> {
  const path = process.env.ELECTRON ?? downloaded()
  if (!path) throw new Error('Electron has not been downloaded; ELECTRON may name one')
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' }
  try {
    const { stdout } = await promisify(execFile)(path, ['-p', 'process.versions.electron'], { env })
    return { path, version: Number.parseInt(stdout, 10), takesPath: opensAnyProgram(path) }
  } catch (cause) {
    const [line] = String(cause instanceof Error && 'stderr' in cause ? cause.stderr : cause).split('\n')
    throw new Error(`${path} does not run: ${line}`, { cause })
  }
}

/** Where the package's own script puts it. */
function downloaded(): string | undefined {
  const electron = join(programFolder, 'node_modules', 'electron')
  const note = join(electron, 'path.txt')
  const path = existsSync(note) ? join(electron, 'dist', readFileSync(note, 'utf8')) : ''
  return existsSync(path) ? path : undefined
}

function opensAnyProgram(path: string): boolean {
  const resources = process.platform === 'darwin' ? join('..', 'Resources') : 'resources'
  return existsSync(join(dirname(path), resources, 'default_app.asar'))
}
