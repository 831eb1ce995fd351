import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { isAlive } from '#engine/files/is-alive.ts'

const prefix = 'latent-loom-tests-'
const pidFile = /^pid-(\d+)$/

/**
 * Puts every temporary file of a run into one folder and removes it at the end, because a killed process leaves its own.
 * Each project of the run calls this; the first one makes the folder.
 */
export default function setup(): (() => Promise<void>) | undefined {
  if (basename(tmpdir()).startsWith(prefix)) return undefined
  const folder = mkdtempSync(join(tmpdir(), prefix))
  // the variables that Node's tmpdir() reads, on Windows and elsewhere
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) process.env[name] = folder
  // all sessions of a run share what is prepared for the first, and none is left in the user's cache
  process.env.LATENT_LOOM_PREPARED ??= join(folder, 'prepared')
  // what `auto` takes, whatever card the machine has
  process.env.LATENT_LOOM_DEVICE = 'cpu'
  return async () => {
    await endProcesses(folder)
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Has the run wait for a process that ends with the worker that started it, and writes until then. */
export function awaitAtTheEnd(pid: number): void {
  writeFileSync(join(tmpdir(), `pid-${pid}`), '')
}

/** Waits 20 s for the processes, then kills those that are left. */
async function endProcesses(folder: string): Promise<void> {
  const names = readdirSync(folder).flatMap((name) => pidFile.exec(name)?.[1] ?? [])
  const pids = names.map(Number)
  for (let tries = 0; tries < 200 && pids.some(isAlive); tries++) await new Promise((done) => setTimeout(done, 100))
  for (const pid of pids.filter(isAlive)) process.kill(pid, 'SIGKILL')
}
