/**
 * Builds the desktop program for this system into `out`.
 * usage: npm run dist [-- TARGET ...]      the targets of electron-builder.config.ts, if none is named; `dir` is the bare folder
 * env: ELECTRON      an Electron that is here already
 */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { build, type Configuration, Platform } from 'electron-builder'
import { programFolder } from '#main/program.ts'
import config from '../electron-builder.config.ts'
import { drawIcons } from './pack/icons.ts'
import { stage } from './pack/stage.ts'

type Fuses = NonNullable<Configuration['electronFuses']>

const targets = process.argv.slice(2)

process.chdir(programFolder)
execFileSync('npm', ['run', '--silent', 'build:all'], { stdio: 'inherit', shell: process.platform === 'win32' })
await drawIcons('src-renderer/public/icon.svg', join('out', 'icons'))
await stage()
const packed = { ...config, electronFuses: await knownFuses(config.electronFuses ?? {}, process.env.ELECTRON) }
for (const file of await build({
  config: packed,
  targets: Platform.current().createTarget(targets),
  publish: 'never',
})) {
  console.log(file)
}

/** An Electron that is here already may be older than some fuses. */
async function knownFuses(fuses: Fuses, electron: string | undefined): Promise<Fuses> {
  if (!electron) return fuses
  const { grantFileProtocolExtraPrivileges: _, ...older } = fuses
  const wire = await getCurrentFuseWire(electron)
  return FuseV1Options.GrantFileProtocolExtraPrivileges in wire ? fuses : older
}
