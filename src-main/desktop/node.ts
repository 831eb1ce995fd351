import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { app } from 'electron'

const executable = process.platform === 'win32' ? 'node.exe' : 'node'

/** The plain Node that comes beside the program: the one process model that is tested. */
export function nodeProgram(): string {
  const shipped = join(process.resourcesPath, executable)
  return existsSync(shipped) ? shipped : join(app.getAppPath(), 'node_modules', 'node', 'bin', executable)
}

/** The command line, which that Node runs. */
export const commandLine = (): string => join(app.getAppPath(), 'bin', 'latent-loom.mjs')
