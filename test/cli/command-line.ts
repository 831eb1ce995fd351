import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { awaitAtTheEnd } from '../temporary.ts'

const program = fileURLToPath(new URL('./acting-cli.ts', import.meta.url))

/** Halves the start of each process. */
const compileCache = join(tmpdir(), 'latent-loom-test-cache')

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Started {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves once stderr or stdout holds `text`. */
  printed(text: string): Promise<void>
}

/** Starts the command line in a process of its own. */
export function startCommandLine(
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Started {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: options.cwd,
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  // a server outlives a test that fails before it ends it
  if (child.pid !== undefined) awaitAtTheEnd(child.pid)
  const text = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text.stdout += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text.stderr += chunk
  })
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => resolve({ code, ...text }))
  })
  return {
    child,
    ended,
    printed: (wanted) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (text.stdout.includes(wanted) || text.stderr.includes(wanted)) resolve()
        }
        child.stdout.on('data', look)
        child.stderr.on('data', look)
        look()
        child.once('close', () => reject(new Error(`never printed ${wanted}: ${text.stdout} ${text.stderr}`)))
      }),
  }
}

/** Runs the command line to its end. */
export function commandLine(
  args: readonly string[],
  options?: { cwd?: string; env?: NodeJS.ProcessEnv },
): Promise<Ended> {
  return startCommandLine(args, options).ended
}

/** Writes a workflow that tells the acting engine what to do, and returns its path. */
export function writeAct(folder: string, act: string, name = 'act.loom.json'): string {
  const path = join(folder, name)
  writeFileSync(path, actDocument(act))
  return path
}

export function actDocument(act: string): string {
  const node = (type: string) => ({ type, version: 1, at: [0, 0], inputs: {} })
  const nodes = { prompt: node('prompt'), sampler: node('sampler') }
  return JSON.stringify({ format: 'latent-loom', version: 1, name: act, nodes })
}
