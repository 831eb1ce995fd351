#!/usr/bin/env node
// Runs the command line under Node 24, whatever Node called it.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import { constants } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(import.meta.url)
const bundledNode = fileURLToPath(
  new URL(`../node_modules/node/bin/node${process.platform === 'win32' ? '.exe' : ''}`, import.meta.url),
)
const args = process.argv.slice(2)

if (Number.parseInt(process.versions.node, 10) >= 24) {
  const { default: envPaths } = await import('env-paths')
  // halves the time to start, also of the engine process
  module.enableCompileCache(join(envPaths('latent-loom', { suffix: '' }).cache, 'code'))
  // a clone has its sources; all that is packed comes built
  const source = new URL('../src-main/cli/main.ts', import.meta.url)
  const { main } = await import(existsSync(source) ? source.href : '../dist/main/command-line.js')
  // not process.exit(): it would cut what a pipe has not taken yet
  process.exitCode = await main(args)
} else if (existsSync(bundledNode)) {
  const child = spawn(bundledNode, [program, ...args], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('close', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal]
  })
} else {
  console.error(
    `error: Latent Loom needs Node 24 or newer, and this is Node ${process.versions.node}: install Node 24.`,
  )
  process.exitCode = 3
}
