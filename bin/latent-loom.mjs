#!/usr/bin/env node
// Runs the command line under Node 24, whatever Node called it.
import { spawn } from 'node:child_process'
import module from 'node:module'
import { constants } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import envPaths from 'env-paths'

const program = fileURLToPath(import.meta.url)
const bundledNode = fileURLToPath(
  new URL(`../node_modules/node/bin/node${process.platform === 'win32' ? '.exe' : ''}`, import.meta.url),
)

if (Number.parseInt(process.versions.node, 10) >= 24) {
  // halves the time to start, also of the engine process
  module.enableCompileCache(join(envPaths('latent-loom', { suffix: '' }).cache, 'code'))
  // Node strips no types below node_modules: an installed package comes built
  const { main } = await import(
    program.includes('node_modules') ? '../dist/main/command-line.js' : '../src-main/cli/main.ts'
  )
  // not process.exit(): it would cut what a pipe has not taken yet
  process.exitCode = await main(process.argv.slice(2))
} else {
  const child = spawn(bundledNode, [program, ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', () => {
    console.error(
      'error: Latent Loom needs Node 24 or newer.\n  hint: Run `npm install` in its folder, which installs one.',
    )
    process.exitCode = 1
  })
  child.on('close', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal]
  })
}
