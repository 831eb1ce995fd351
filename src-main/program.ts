import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { LoomError } from '#core/errors.ts'

/** The folder that the program is installed in: that of its package.json. */
export const programFolder = dirname(packageFile())

const { version }: { version: string } = JSON.parse(readFileSync(packageFile(), 'utf8'))

/** The program's version, as its package says. */
export const programVersion = version

/** What comes with the program. */
export const resourcesFolder = join(programFolder, 'resources')

/** The editor's page, once it is built. */
export const editorFolder = join(programFolder, 'dist', 'editor')

/** A clone runs as TypeScript; what is packed runs built, for Node strips no types below `node_modules`. */
const isBuilt = import.meta.url.endsWith('.js')
const modules = isBuilt
  ? {
      engine: 'dist/main/engine.js',
      engineProcess: 'dist/main/engine-process.js',
      headers: 'dist/main/header-thread.js',
    }
  : {
      engine: 'src-main/engine/create-engine.ts',
      engineProcess: 'src-main/host/engine-process.ts',
      headers: 'src-main/server/library/header-thread.ts',
    }

/** Addresses of the modules that processes of the program start with: `engine` exports `createEngine`. */
export const programModules = {
  engine: pathToFileURL(join(programFolder, modules.engine)),
  engineProcess: pathToFileURL(join(programFolder, modules.engineProcess)),
  headers: pathToFileURL(join(programFolder, modules.headers)),
}

function packageFile(): string {
  const file = findPackageJSON(import.meta.url)
  if (file) return file
  throw new LoomError('not-found', 'The program does not find its own package.json.', {
    hint: 'Install Latent Loom again.',
  })
}
