import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { app } from 'electron'

const executable = process.platform === 'win32' ? 'node.exe' : 'node'

/** The Node executable shipped with the program. Not Electron's, because only plain Node is tested. */
export function nodeProgram(): string {
  const shipped = join(process.resourcesPath, executable)
  return existsSync(shipped) ? shipped : join(app.getAppPath(), 'node_modules', 'node', 'bin', executable)
}

/** The script of the command line, for that Node. Packed, it lies beside the archive of the window, which Node cannot read. */
export const commandLine = (): string =>
  join(app.isPackaged ? join(process.resourcesPath, 'program') : app.getAppPath(), 'bin', 'latent-loom.mjs')
