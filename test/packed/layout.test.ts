import { execFile } from 'node:child_process'
import { existsSync, globSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { expect, inject, it } from 'vitest'
import { programFolder, programVersion } from '#main/program.ts'
import { sizesOf } from '../../scripts/pack/parts.ts'
import { temporaryFolder } from '../golden-networks.ts'

const { folder, resources, executable } = inject('packed')
const program = join(resources, 'program')
const isWindows = process.platform === 'win32'

it('holds the libraries of this system alone', () => {
  const libraries = join(program, 'dist', 'node_modules', 'onnxruntime-node', 'bin', 'napi-v6')
  expect(readdirSync(libraries)).toEqual([process.platform])
  expect(readdirSync(join(libraries, process.platform))).toEqual([process.arch])
  const images = readdirSync(join(program, 'node_modules', '@img'))
  const foreign = images.filter((name) => name !== 'colour' && !name.endsWith(`-${process.platform}-${process.arch}`))
  expect(foreign).toEqual([])
})

it('has the window in an archive, and no source or package of development beside it', () => {
  const archive = readFileSync(join(resources, 'app.asar'))
  expect(archive.subarray(0, 4096).toString('latin1')).toContain('"main.cjs"')
  expect(existsSync(join(resources, 'app'))).toBe(false)
  const packages = globSync('node_modules/{*,@*/*}', { cwd: program })
  expect(packages.some((path) => path.endsWith('fastify'))).toBe(true)
  expect(packages.filter((path) => /(vite|typescript|react|electron)$/.test(path))).toEqual([])
  expect(globSync('**/*.{map,ts}', { cwd: program })).toEqual([])
})

it('has the licences of what it contains', () => {
  const licences = [
    join(resources, 'LICENSE.node.txt'),
    join(resources, 'LICENSES.window.md'),
    join(program, 'LICENSE'),
    join(program, 'NOTICE'),
    join(program, 'dist', 'editor', 'THIRD-PARTY-NOTICES.md'),
    ...globSync(join(program, 'node_modules/@img/sharp-libvips-*/README.md').replaceAll('\\', '/')),
  ]
  expect(licences).toHaveLength(6)
  for (const file of licences) expect(statSync(file).size, file).toBeGreaterThan(500)
  const packages = globSync('node_modules/{*,@*/*}/package.json', { cwd: program })
  const list = readFileSync(join(program, 'THIRD-PARTY-LICENCES.txt'), 'utf8')
  for (const path of packages) {
    const { name, version } = JSON.parse(readFileSync(join(program, path), 'utf8'))
    expect(list).toMatch(new RegExp(`^${name} ${version}: \\S`, 'm'))
  }
})

it('shuts what would let others into the program', async () => {
  const wire = await getCurrentFuseWire(executable)
  const off = [FuseV1Options.RunAsNode, FuseV1Options.EnableNodeOptionsEnvironmentVariable]
  for (const fuse of [...off, FuseV1Options.EnableNodeCliInspectArguments]) expect(wire[fuse]).toBe(FuseState.DISABLE)
  const on = [FuseV1Options.EnableCookieEncryption, FuseV1Options.OnlyLoadAppFromAsar]
  for (const fuse of [...on, FuseV1Options.EnableEmbeddedAsarIntegrityValidation])
    expect(wire[fuse]).toBe(FuseState.ENABLE)
})

it.skipIf(process.platform !== 'linux')('is smaller than 450 MB, and its package than 200 MB', () => {
  const total = [...sizesOf(folder).values()].reduce((sum, bytes) => sum + bytes)
  expect(total / 1e6).toBeLessThan(450)
  for (const file of globSync('out/*.deb', { cwd: programFolder })) {
    expect(statSync(join(programFolder, file)).size / 1e6, file).toBeLessThan(200)
  }
})

it('has the command line, under its own Node', async () => {
  const command = join(resources, 'bin', isWindows ? 'latent-loom.cmd' : 'latent-loom')
  const env = { ...process.env, HOME: temporaryFolder(), PATH: isWindows ? process.env.PATH : '/usr/bin:/bin' }
  const { stdout } = await promisify(execFile)(command, ['doctor'], { env, shell: isWindows })
  expect(stdout).toContain(`latent-loom       ${programVersion}\n`)
  expect(stdout).toContain(`node at           ${join(resources, isWindows ? 'node.exe' : 'node')}\n`)
})
