import { execFile } from 'node:child_process'
import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { programFolder } from '#main/program.ts'
import { buildPage } from '../build-page.ts'
import { temporaryFolder } from '../golden-networks.ts'

const isWindows = process.platform === 'win32'
// in the environment of tests Vite would build what developers see
const env = {
  ...process.env,
  NODE_ENV: 'production',
  PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
}

const call = (command: string, args: readonly string[], cwd = programFolder) =>
  promisify(execFile)(command, args, { cwd, env, shell: isWindows })

it('draws a picture when it is packed and installed', { timeout: 600_000 }, async () => {
  const folder = temporaryFolder()
  await buildPage()
  await call('npm', ['run', 'build:program'])
  // `npm pack` would copy the libraries of all platforms
  await call(process.execPath, ['scripts/vendor-onnxruntime.ts', `${process.platform}/${process.arch}`])
  await call('npm', ['pack', '--ignore-scripts', '--pack-destination', folder])
  const [tarball = ''] = await readdir(folder)

  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--no-update-notifier']
  const { stdout, stderr } = await call('npm', ['install', '-g', '--prefix', folder, join(folder, tarball), ...flags])
  expect(stdout + stderr).not.toContain('warn')

  const installed = join(folder, isWindows ? '' : 'lib', 'node_modules', 'latent-loom')
  const notices = await readFile(join(installed, 'dist', 'editor', 'THIRD-PARTY-NOTICES.md'), 'utf8')
  for (const name of ['@xyflow/react', 'elkjs', 'react', 'zod']) expect(notices).toContain(`## ${name} - `)

  const program = join(folder, isWindows ? 'latent-loom.cmd' : 'bin/latent-loom')
  expect((await call(program, ['doctor'], folder)).stdout).toMatch(/^ {2}ONNX Runtime +\S+ by its C API$/m)

  const out = join(folder, 'pictures')
  const template = join(installed, 'resources', 'templates', 'lcm-lora.loom.json')
  await call(program, ['run', template, '--set', 'steps=1', '--out', out], folder)
  expect(await readdir(out)).toEqual(['lcm-lora-00001.png'])
})

it('says in one sentence that it needs a newer Node', async () => {
  const folder = temporaryFolder()
  await mkdir(join(folder, 'bin'))
  const program = join(folder, 'bin', 'latent-loom.mjs')
  await copyFile(join(programFolder, 'bin', 'latent-loom.mjs'), program)
  const node20 = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.19.0' } })`
  const asNode20 = ['--import', `data:text/javascript,${encodeURIComponent(node20)}`]
  await expect(call(process.execPath, [...asNode20, program, 'doctor'])).rejects.toMatchObject({
    code: 3,
    stderr: 'error: Latent Loom needs Node 24 or newer, and this is Node 20.19.0: install Node 24.\n',
  })
})
