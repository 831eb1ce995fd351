import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cached } from '../files.ts'

const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url))

/**
 * The Python of a virtual environment with the peers, in the folder that PEERS_VENV names, else in bench/.cache. It is made or
 * brought up to date first, which compiles stable-diffusion.cpp for minutes.
 */
export function peersPython(): string {
  const folder = process.env.PEERS_VENV ?? cached('peers-venv')
  const python = process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python')
  const stamp = join(folder, 'requirements.txt')
  const wanted = readFileSync(requirements, 'utf8')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return python
  const show = (command: string, args: readonly string[]) => execFileSync(command, args, { stdio: 'inherit' })
  process.stderr.write(`Installing the peers in ${folder} …\n`)
  if (!existsSync(python)) show(process.platform === 'win32' ? 'python' : 'python3', ['-m', 'venv', folder])
  show(python, ['-m', 'pip', 'install', '--quiet', '-r', requirements])
  writeFileSync(stamp, wanted)
  return python
}
