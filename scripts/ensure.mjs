// Installs what is missing and runs a command under Node 24, whatever Node called it.
// usage: node scripts/ensure.mjs COMMAND [ARG ...]
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const modules = join(root, 'node_modules')
const lock = join(root, 'package-lock.json')
const installed = join(modules, '.package-lock.json')
const env = { ...process.env, PATH: [join(modules, '.bin'), process.env.PATH].join(delimiter) }

/** The command's exit status; 1 if a signal ended it. */
function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    env,
    stdio: 'inherit',
    shell: process.platform === 'win32',
    ...options,
  })
  if (error) throw error
  return status ?? 1
}

/** Installs under the Node that the packages ask for: an older one runs npm as well, with a page of warnings. */
function install() {
  const { version } = JSON.parse(readFileSync(lock, 'utf8')).packages['node_modules/node']
  const system = process.platform === 'win32' ? 'win' : process.platform
  // the packages that `node` itself chooses from
  const name = `${system === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node'}-${system}-${process.arch}`
  const isOld = Number.parseInt(process.versions.node, 10) < 24
  const under = isOld ? ['exec', '--yes', `--package=${name}@${version}`, '--', 'npm'] : []
  // stdout belongs to the command, so npm's talk goes to stderr
  const status = run('npm', [...under, 'ci'], { stdio: ['ignore', 2, 2] })
  if (status === 0) return
  console.error(`error: The packages could not be installed${isOld ? '; with Node 24 or newer, try `npm ci`' : ''}.`)
  process.exit(status)
}

if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) install()

const [command, ...args] = process.argv.slice(2)
process.exit(run(command, args))
