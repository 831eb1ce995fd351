import { spawn } from 'node:child_process'
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
  child.on('close', (code) => app.exit(code ?? 1))
  return true
}
