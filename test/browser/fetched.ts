import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import envPaths from 'env-paths'
import { programFolder } from '#main/program.ts'

/** A way to get a browser through a package registry. */
export interface Source {
  readonly name: string
  /** Whether it can serve this machine and this user. */
  readonly fits: boolean
  /** @returns the path of the browser @throws Error if it cannot be had */
  fetch(): Promise<string>
}

function call(command: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): void {
  const { status, error, stderr } = spawnSync(command, args, {
    ...options,
    env: { ...process.env, ...options.env },
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  if (error) throw error
  if (status !== 0) throw new Error(`${command} ${args[0]} ended with ${status}: ${stderr.trim().split('\n')[0]}`)
}

/** Debian's packages: the browser without windows, and the whole one for its software GPU, which the WebGPU tests use. */
const debian: Source = {
  name: 'apt-get install chromium-headless-shell',
  fits: process.getuid?.() === 0 && existsSync('/usr/bin/apt-get'),
  async fetch() {
    const env = { DEBIAN_FRONTEND: 'noninteractive' }
    call('apt-get', ['update', '-qq'], { env })
    call('apt-get', ['install', '-y', '-qq', 'chromium-headless-shell', 'chromium'], { env })
    return '/usr/bin/chromium-headless-shell'
  },
}

const version = '153.0.0'
const folder = join(envPaths('latent-loom', { suffix: '' }).cache, `chromium-${version}`)
const script = join(folder, 'chromium.sh')

/** Unpacks into the temporary folder of its process: the browser, and the libraries that a bare system lacks. */
const unpack = (modules: string) => `
  import { join } from 'node:path'
  const packed = ${JSON.stringify(join(modules, '@sparticuz', 'chromium'))}
  const { default: chromium, inflate } = await import(${JSON.stringify(
    pathToFileURL(join(modules, '@sparticuz', 'chromium', 'build', 'index.js')).href,
  )})
  await chromium.executablePath()
  await inflate(join(packed, 'bin', 'al2023.tar.br'))`

/** With fonts of its own: without one for a character, this Chromium ends or hangs. */
const fontConfig = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}/fonts/ttf</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${folder}/fonts/cache</cachedir>
</fontconfig>
`

/** A headless Chromium inside an npm package, kept in the user's cache for all checkouts. */
const packaged: Source = {
  name: `npm install @sparticuz/chromium@${version}`,
  fits: process.platform === 'linux' && process.arch === 'x64',
  async fetch() {
    if (existsSync(script)) return script
    await rm(folder, { recursive: true, force: true })
    const partial = `${folder}-${process.pid}`
    await mkdir(partial, { recursive: true })
    try {
      const flags = [
        '--no-save',
        '--ignore-scripts',
        '--no-audit',
        '--no-fund',
        '--loglevel=error',
        '--fetch-retries=1',
      ]
      call('npm', ['install', '--prefix', partial, ...flags, `@sparticuz/chromium@${version}`], { cwd: partial })
      const modules = join(partial, 'node_modules')
      call(process.execPath, ['--input-type=module', '--eval', unpack(modules)], { env: { TMPDIR: partial } })
      await rm(modules, { recursive: true })
      const fonts = join(partial, 'fonts')
      await cp(join(programFolder, 'node_modules', 'dejavu-fonts-ttf', 'ttf'), join(fonts, 'ttf'), { recursive: true })
      await writeFile(join(fonts, 'fonts.conf'), fontConfig)
      const lines = [
        '#!/bin/sh',
        `export LD_LIBRARY_PATH='${folder}/al2023/lib' FONTCONFIG_PATH='${folder}/fonts'`,
        `exec '${folder}/chromium' "$@"`,
      ]
      await writeFile(join(partial, 'chromium.sh'), `${lines.join('\n')}\n`, { mode: 0o755 })
      await rename(partial, folder)
    } finally {
      await rm(partial, { recursive: true, force: true })
    }
    return script
  },
}

export const sources: readonly Source[] = [debian, packaged]
