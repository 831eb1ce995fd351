import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

const prefix = 'latent-loom-tests-'

/**
 * Puts every temporary file of a run into one folder and removes it at the end, because a killed process leaves its own.
 * Each project of the run calls this; the first one makes the folder.
 */
export default function setup(): (() => void) | undefined {
  if (basename(tmpdir()).startsWith(prefix)) return undefined
  const folder = mkdtempSync(join(tmpdir(), prefix))
  // the variables that Node's tmpdir() reads, on Windows and elsewhere
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) process.env[name] = folder
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}
