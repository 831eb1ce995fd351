import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { app } from 'electron'
import { commandLine, nodeProgram } from './node.ts'

const flag = '--headless'

/**
 * Runs the command line without a window (`latent-loom --headless --run FILE …`) and exits with its exit code.
 * @returns whether the arguments ask for it
 */
export function runHeadless(argv: readonly string[]): boolean {
  const at = argv.indexOf(flag)
  if (at < 0) return false
  const [command = '', ...rest] = argv.slice(at + 1)
  const child = spawn(nodeProgram(), [commandLine(), command.replace(/^--/, ''), ...rest], { stdio: 'inherit' })
  child.on('error', () => app.exit(1))
  child.on('close', (code, signal) => app.exit(code ?? 128 + constants.signals[signal ?? 'SIGTERM']))
  // Electron quits at a signal, and the run would go on alone
  app.on('before-quit', (event) => {
    event.preventDefault()
    child.kill('SIGINT')
  })
  return true
}
