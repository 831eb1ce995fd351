// Installs what is missing and runs a command under Node 24, whatever Node called it.
// usage: node scripts/ensure.mjs COMMAND [ARG ...]
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const modules = join(root, 'node_modules')
const installed = join(modules, '.package-lock.json')
const env = { ...process.env, PATH: [join(modules, '.bin'), process.env.PATH].join(delimiter) }

/** Ends this process with the command's own status when the command failed. */
function must(command, args, options = {}) {
  const { status, signal, error } = spawnSync(command, args, {
    cwd: root,
    env,
    stdio: 'inherit',
    shell: process.platform === 'win32',
    ...options,
  })
  if (error) throw error
  if (signal || status !== 0) process.exit(status ?? 1)
}

const stale = !existsSync(installed) || statSync(installed).mtimeMs < statSync(join(root, 'package-lock.json')).mtimeMs
// stdout belongs to the command, so npm's talk goes to stderr
// not `npm ci`: it refuses when the registry lacks a package of another platform
if (stale) must('npm', ['install', '--no-save', '--no-audit', '--no-fund'], { stdio: ['ignore', 2, 2] })

const [command, ...args] = process.argv.slice(2)
must(command, args)
