import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { programFolder } from '#main/program.ts'
import { findElectron } from '../desktop/find-electron.ts'
import { openScreen } from '../desktop/screen.ts'

/** Where electron-builder puts what. */
const places = {
  linux: { folder: 'linux-unpacked', resources: 'resources', executable: 'latent-loom-desktop' },
  win32: { folder: 'win-unpacked', resources: 'resources', executable: 'Latent Loom.exe' },
  darwin: {
    folder: process.arch === 'arm64' ? 'mac-arm64' : 'mac',
    resources: 'Latent Loom.app/Contents/Resources',
    executable: 'Latent Loom.app/Contents/MacOS/Latent Loom',
  },
} as const

const isKnown = (platform: string): platform is keyof typeof places => platform in places

declare module 'vitest' {
  interface ProvidedContext {
    packed: {
      /** What electron-builder packed. */
      readonly folder: string
      readonly resources: string
      /** What starts the window. */
      readonly executable: string
    }
  }
}

/** Before all tests of the packed program: packs it, with a Debian package where Debian's tools are, and opens a screen. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!isKnown(process.platform)) throw new Error(`Nothing is packed for ${process.platform}.`)
  const place = places[process.platform]
  const fpm = join(programFolder, 'scripts', 'pack', 'fpm.ts')
  const hasDebian = existsSync('/usr/bin/dpkg-deb')
  // what a run before has packed is tested again when that is asked for
  if (!process.env.PACKED) {
    const { status } = spawnSync(process.execPath, ['scripts/dist.ts', hasDebian ? 'deb' : 'dir'], {
      cwd: programFolder,
      stdio: 'inherit',
      env: { ...process.env, NODE_ENV: 'production', ...(hasDebian && { CUSTOM_FPM_PATH: fpm }) },
    })
    if (status !== 0) throw new Error('The program could not be packed.')
  }
  const folder = mkdtempSync(join(tmpdir(), 'latent-loom-packed-'))
  const screen = await openScreen(folder)
  const { version } = await findElectron().catch(() => ({ version: Number.NaN }))
  const packed = join(programFolder, 'out', place.folder)
  const executable = join(packed, place.executable)
  project.provide('packed', { folder: packed, resources: join(packed, place.resources), executable })
  project.provide('desktop', {
    version,
    seats: [{ env: screen.env, ...(screen.frame !== undefined && { frame: screen.frame }), executable, args: [] }],
  })
  return async () => {
    await screen.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
