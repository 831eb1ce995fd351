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

/** The first that takes an ES module as its main script; the shell that ships is one. */
const modulesSince = 28

/**
 * Builds the window's own code for this Electron, behind stand-ins for what a person would answer. All else is that of the
 * source tree.
 * @param folder where it is put
 */
export async function buildShell(electron: Electron, folder: string): Promise<Shell> {
  const place = electron.takesPath ? undefined : copyOf(electron, join(folder, 'electron'))
  const program = place === undefined ? join(folder, 'program') : join(place, 'resources', 'app')
  mkdirSync(program, { recursive: true })
  const isModule = electron.version >= modulesSince
  await bundle('main', isModule ? 'es' : 'cjs', program)
  await bundle('preload', 'cjs', program)
  const standIns = fileURLToPath(new URL('stand-ins.cjs', import.meta.url))
  const main = isModule
    ? `import ${JSON.stringify(standIns)}\nawait import('./main.js')\n`
    : `require(${JSON.stringify(standIns)})\nrequire('./main.cjs')\n`
  writeFileSync(join(program, 'start.js'), main)
  const type = isModule ? 'module' : 'commonjs'
  const { name, version } = { name: 'latent-loom', version: '0.0.0' }
  writeFileSync(join(program, 'package.json'), JSON.stringify({ name, version, type, main: 'start.js' }))
  for (const each of ['bin', 'node_modules']) symlinkSync(join(programFolder, each), join(program, each), 'junction')
  return place === undefined
    ? { executable: electron.path, args: [program] }
    : { executable: join(place, 'electron'), args: [] }
}

async function bundle(name: 'main' | 'preload', format: 'es' | 'cjs', outDir: string): Promise<void> {
  const extension = format === 'es' ? 'js' : 'cjs'
  await build({
    configFile: false,
    logLevel: 'warn',
    root: programFolder,
    ssr: { noExternal: true, external: ['electron'] },
    build: {
      ssr: join(programFolder, 'src-main', 'desktop', `${name}.ts`),
      outDir,
      emptyOutDir: false,
      rolldownOptions: { output: { format, entryFileNames: `[name].${extension}` } },
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
