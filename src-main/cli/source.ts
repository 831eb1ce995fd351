import { randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { LoomError } from '#core/errors.ts'
import type { WorkflowSource } from '#core/protocol/messages.ts'
import { applyOverrides, type Override } from '#core/workflow/overrides.ts'
import type { Report } from '#core/workflow/read.ts'
import { catalogue } from '#nodes/catalogue.ts'
import { modelFolders } from '../host/model-folders.ts'
import { wrong } from './arguments.ts'
import { readDocumentFile } from './document-file.ts'
import { printable, printNote } from './output.ts'
import { asLoomError, printWarning } from './print-error.ts'

/** The flag of every command that opens model files. */
export const modelFlags = {
  models: { kind: 'list', value: 'DIR', help: 'Look for model files here too, before the usual folders' },
} as const

/** Flags of every command that reads a workflow. */
export const sourceFlags = {
  set: { kind: 'list', value: 'NAME=VALUE', help: 'Set an input: a name of the form, or node.input' },
  seed: { kind: 'text', value: 'N|random', help: 'Set every seed: 0 to 18446744073709551615, or random' },
  ...modelFlags,
} as const

/**
 * The workflow of FILE, and the overrides that the flags ask for.
 * @throws LoomError `usage` for a change that cannot be made, or what `readDocumentFile` throws
 */
export async function sourceOf(
  file: string,
  flags: { set: readonly string[]; seed: string | undefined; verbose: boolean },
): Promise<WorkflowSource> {
  const overrides = flags.set.map(overrideOf)
  const seed = seedOf(flags.seed)
  const { workflow, text, report, folder } = await readDocumentFile(file)
  tell(report, flags.verbose)
  try {
    applyOverrides(workflow, catalogue, overrides, seed)
  } catch (error) {
    const { message, node, input, hint } = asLoomError(error)
    throw new LoomError('usage', message, { node, input, hint, cause: error })
  }
  // a path after --set is relative to the working directory
  return { document: text, folders: [folder, process.cwd()], overrides, ...(seed !== undefined && { seed }) }
}

/** What the workflow does not say of its file, and, if asked, what of it was older than the program. */
function tell({ warnings, migrated }: Report, verbose: boolean): void {
  for (const warning of warnings) printWarning(warning)
  if (!verbose) return
  for (const { of, from, to, count } of migrated) {
    printNote(`Brought up to date: ${count} ${printable(of)}, version ${from} to ${to}.`)
  }
}

function overrideOf(text: string): Override {
  const at = text.indexOf('=')
  if (at < 1) throw wrong(`--set ${text} names no value.`, 'Write --set name=value or --set node.input=value.')
  return { name: text.slice(0, at), value: text.slice(at + 1) }
}

const largestSeed = 2n ** 64n - 1n

/** A random seed has 32 bits: noise made on the CPU knows no more. */
function seedOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  if (text === 'random') return String(randomBytes(4).readUInt32LE())
  if (/^\d{1,20}$/.test(text) && BigInt(text) <= largestSeed) return String(BigInt(text))
  throw wrong(`--seed ${text} is not a seed.`, `Use a whole number from 0 to ${largestSeed}, or random.`)
}

/**
 * The folders that model files are looked for in: those named and the usual ones.
 * @throws LoomError `usage` for a named folder that is not there
 */
export async function modelFoldersOf(named: readonly string[], data?: string): Promise<string[]> {
  for (const folder of named) {
    const stats = await stat(folder).catch(() => undefined)
    if (!stats?.isDirectory()) throw wrong(`--models ${folder} is not a folder.`, 'Name a folder that exists.')
  }
  return modelFolders(named, process.env, data)
}
