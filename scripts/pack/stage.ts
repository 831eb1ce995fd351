import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, cp, glob, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { programFolder } from '#main/program.ts'

const run = promisify(execFile)
const installed = join(programFolder, 'node_modules')

/** Where all that lies beside the window's archive is gathered. */
const stageFolder = join(programFolder, 'out', 'stage')

/**
 * What no installed program reads: sources of other languages, code for browsers, and libraries for Alpine's C library,
 * where no Electron runs.
 */
const unread =
  /\.(map|md|markdown|[mc]?ts|tsx|c|cc|cpp|h|hh|inc|asm|s)$|\.umd\.js$|^browser\.c?js$|^(tests?|__tests__|benchmarks?|examples?|docs?|umd|\.github|musl_\w+)$/i
const isLicence = (name: string): boolean => /licen[cs]e|notice|copying/i.test(name)

/** Packages of which a few files are used. */
const used: Readonly<Record<string, readonly string[]>> = {
  'dejavu-fonts-ttf': ['package.json', 'LICENSE', 'ttf', 'ttf/DejaVuSans.ttf'],
}

interface Locked {
  readonly dev?: boolean
  readonly optional?: boolean
}

/**
 * Gathers what lies beside the window's archive, because plain Node reads no archive:
 * `node`, `bin/latent-loom` for the PATH, and `program`, which is the npm package as installed on this system.
 */
export async function stage(): Promise<void> {
  const program = join(stageFolder, 'program')
  await rm(stageFolder, { recursive: true, force: true })
  await mkdir(program, { recursive: true })

  for (const part of ['bin', 'resources', 'LICENSE', 'NOTICE', 'package.json', 'dist/main', 'dist/editor']) {
    await cp(join(programFolder, part), join(program, part), { recursive: true })
  }
  await run(process.execPath, ['scripts/vendor-onnxruntime.ts', `${process.platform}/${process.arch}`], {
    cwd: programFolder,
  })
  await cp(join(programFolder, 'dist', 'node_modules'), join(program, 'dist', 'node_modules'), { recursive: true })
  const licences: string[] = []
  for (const path of await production()) {
    await copyPackage(path, join(program, path))
    const { name, version, license } = JSON.parse(await readFile(join(programFolder, path, 'package.json'), 'utf8'))
    licences.push(`${name} ${version}: ${license}\n`)
  }
  await writeFile(join(program, 'THIRD-PARTY-LICENCES.txt'), licences.sort().join(''))

  const command = process.platform === 'win32' ? 'latent-loom.cmd' : 'latent-loom'
  await cp(join(programFolder, 'packaging', 'bin', command), join(stageFolder, 'bin', command))
  await cp(join(programFolder, 'dist', 'window', 'THIRD-PARTY-NOTICES.md'), join(stageFolder, 'LICENSES.window.md'))
  await stageNode()
}

/** The paths of all packages that the program needs on this system: npm has installed no others of the optional ones. */
async function production(): Promise<string[]> {
  const lock = JSON.parse(await readFile(join(programFolder, 'package-lock.json'), 'utf8'))
  const packages: Readonly<Record<string, Locked>> = lock.packages
  return Object.entries(packages).flatMap(([path, { dev, optional }]) =>
    path === '' || dev || (optional && !existsSync(join(programFolder, path))) ? [] : [path],
  )
}

async function copyPackage(path: string, target: string): Promise<void> {
  const source = join(programFolder, path)
  const wanted = used[path.split('node_modules/').at(-1) ?? path]
  const hasLicence = (await readdir(source)).some(isLicence)
  // without a file of its own, the licence is in the README
  const stays = (name: string) => isLicence(name) || (!hasLicence && /^readme/i.test(name))
  await cp(source, target, {
    recursive: true,
    filter(file) {
      const inside = relative(source, file).replaceAll('\\', '/')
      if (inside === '') return true
      // packages below are on npm's list too
      if (inside.split('/').includes('node_modules')) return false
      return wanted ? wanted.includes(inside) : stays(basename(file)) || !unread.test(basename(file))
    },
  })
}

/** Node 24 and its licence; on Linux without what only a debugger reads, a seventh of it. */
async function stageNode(): Promise<void> {
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  const node = join(stageFolder, name)
  await cp(join(installed, 'node', 'bin', name), node)
  if (process.platform === 'linux') {
    await run('strip', ['--strip-unneeded', node])
    await chmod(node, 0o755)
  }
  for await (const licence of glob(`${installed.replaceAll('\\', '/')}/node/node_modules/node-*-*/LICENSE`)) {
    await cp(licence, join(stageFolder, 'LICENSE.node.txt'))
    return
  }
  throw new Error('The licence of Node is not beside it: run npm ci.')
}
