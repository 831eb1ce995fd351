import { cpSync, linkSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { programFolder } from '#main/program.ts'
import type { Electron } from './find-electron.ts'

/** How the shell is started. */
export interface Shell {
  readonly executable: string
  /** They come before all others. */
  readonly args: readonly string[]
}

/**
 * Builds the window's own code for this Electron, behind stand-ins for what a person would answer. All else is that of the
 * source tree.
 * @param folder where it is put
 * @param count of the copies, each in a folder of its own, which tells its processes from those of the others
 */
export async function buildShells(electron: Electron, folder: string, count: number): Promise<readonly Shell[]> {
  const code = join(folder, 'code')
  await bundle('main', code)
  await bundle('preload', code)
  return Array.from({ length: count }, (_, index) => placeShell(electron, code, join(folder, String(index))))
}

function placeShell(electron: Electron, code: string, folder: string): Shell {
  const place = electron.takesPath ? undefined : copyOf(electron, join(folder, 'electron'))
  const program = place === undefined ? join(folder, 'program') : join(place, 'resources', 'app')
  cpSync(code, program, { recursive: true })
  const standIns = fileURLToPath(new URL('stand-ins.cjs', import.meta.url))
  writeFileSync(join(program, 'start.cjs'), `require(${JSON.stringify(standIns)})\nrequire('./main.cjs')\n`)
  const about = { name: 'latent-loom', version: '0.0.0', main: 'start.cjs' }
  writeFileSync(join(program, 'package.json'), JSON.stringify(about))
  for (const each of ['bin', 'node_modules']) symlinkSync(join(programFolder, each), join(program, each), 'junction')
  return place === undefined
    ? { executable: electron.path, args: [program] }
    : { executable: join(place, 'electron'), args: [] }
}

/** As electron.vite.config.ts does. */
async function bundle(name: 'main' | 'preload', outDir: string): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'warn',
    root: programFolder,
    ssr: { noExternal: true, external: ['electron'] },
    build: {
      ssr: join(programFolder, 'src-main', 'desktop', `${name}.ts`),
      outDir,
      emptyOutDir: false,
      rolldownOptions: { output: { format: 'cjs', entryFileNames: '[name].cjs' } },
    },
  })
}

/** The same files under a folder of its own, so that a program can be put into it. */
function copyOf({ path }: Electron, folder: string): string {
  const from = dirname(path)
  mkdirSync(folder, { recursive: true })
  for (const entry of readdirSync(from, { withFileTypes: true, recursive: true })) {
    const source = join(entry.parentPath, entry.name)
    const target = join(folder, source.slice(from.length))
    if (entry.isDirectory()) mkdirSync(target, { recursive: true })
    else link(source, target)
  }
  return folder
}

function link(source: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true })
  try {
    linkSync(source, target)
  } catch {
    // on another drive
    cpSync(source, target)
  }
}
