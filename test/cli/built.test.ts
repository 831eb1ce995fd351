import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { programFolder, resourcesFolder } from '#main/program.ts'
import { temporaryFolder } from '../golden-networks.ts'

const call = promisify(execFile)

it('draws a picture when it is built', async () => {
  const electronVite = join(programFolder, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js')
  await call(process.execPath, [electronVite, 'build'], { cwd: programFolder })
  const commandLine = join(programFolder, 'dist', 'main', 'command-line.js')
  const out = temporaryFolder()
  const args = ['run', join(resourcesFolder, 'templates', 'lcm-lora.loom.json'), '--set', 'steps=1', '--out', out]
  const script = `import { main } from ${JSON.stringify(commandLine)}; process.exitCode = await main(${JSON.stringify(args)})`
  await call(process.execPath, ['--input-type=module', '--eval', script], { cwd: out })
  expect(await readdir(out)).toEqual(['lcm-lora-00001.png'])
})
