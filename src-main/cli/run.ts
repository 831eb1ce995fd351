import { mkdtemp, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fromErrorData } from '#core/protocol/error-data.ts'
import {
  type DeviceChoice,
  type DumpStage,
  devices,
  dumpStages,
  type PrecisionChoice,
  precisionChoices,
  type Result,
  type RunEvent,
} from '#core/protocol/messages.ts'
import { makeFolder } from '#engine/files/make-folder.ts'
import { osError } from '#engine/files/os-error.ts'
import { unknown, wrong } from './arguments.ts'
import { defineCommand, exitCode } from './command.ts'
import { printDoneLine, printEventLine } from './json-lines.ts'
import { printable, printNote, printResult, seconds } from './output.ts'
import { printWarning } from './print-error.ts'
import { modelFoldersOf, sourceFlags, sourceOf } from './source.ts'
import { type Progress, terminalProgress } from './terminal-progress.ts'
import { withEngine } from './with-engine.ts'

export const run = defineCommand({
  summary: 'Run a workflow and save its pictures',
  details:
    'FILE is a .loom.json workflow, or a picture that carries one. The paths of the pictures and of saved models are printed.',
  operands: ['FILE'],
  flags: {
    ...sourceFlags,
    out: { kind: 'text', short: 'o', value: 'DIR', help: 'Save pictures here; else in the current folder' },
    device: { kind: 'text', value: 'NAME', help: `Run on: ${devices.join(', ')}` },
    precision: {
      kind: 'text',
      value: 'NAME',
      help: `Compute in: ${precisionChoices.join(', ')}; auto is float16 on graphics cards that have it`,
    },
    json: { kind: 'switch', help: 'Print one JSON event per line on stdout' },
    verify: { kind: 'switch', help: 'Check every stage of the compilation' },
    explain: { kind: 'switch', help: 'Say how adapters are applied and what networks take in memory, and why' },
    profile: {
      kind: 'option',
      value: 'FILE',
      help: 'List the costliest nodes and write a trace for Perfetto: FILE, or profile.json beside the pictures',
    },
    dump: { kind: 'text', value: 'after:STAGE', help: `Print a stage of the compilation: ${dumpStages.join(', ')}` },
  },
  async execute({ values, operands: [file = ''] }, context) {
    const { json, verbose, verify, explain } = values
    const device = deviceOf(values.device)
    const precision = precisionOf(values.precision)
    const dump = dumpStageOf(values.dump)
    const source = await sourceOf(file, values)
    const outputFolder = await outputFolderOf(values.out ?? '.')
    const profile =
      values.profile === undefined ? undefined : resolve(values.profile || join(outputFolder, 'profile.json'))
    const progress = json ? undefined : terminalProgress(process.stderr, { shared: verbose })
    const emit = progress ? showOn(progress, explain) : printEventLine
    const notify = (note: string) => {
      progress?.clear()
      printNote(note)
    }
    const models = await modelFoldersOf(values.models)
    const result = await withEngine(context, { models, verbose, notify }, (engine, signal) =>
      engine.run(
        { ...source, outputFolder, device, precision, previews: false, verify, explain, dump, profile },
        emit,
        signal,
      ),
    ).finally(() => progress?.end())
    if (json) printDoneLine(result)
    else {
      if (result.profile) printNote(profileText(result.profile, result.milliseconds))
      printNote(summaryOf(result))
    }
    return exitCode.done
  },
})

/** Progress on the terminal, results on stdout. */
function showOn(progress: Progress, explain: boolean): (event: RunEvent) => void {
  return (event) => {
    progress.show(event)
    const { type } = event
    if (explain && type === 'phase' && event.precision) {
      progress.clear()
      printNote(printable(`# ${event.label} computes in ${event.precision}`))
    }
    if (type === 'memory') {
      progress.clear()
      printNote(memoryLine(event))
      return
    }
    if (type !== 'image' && type !== 'file' && type !== 'warning' && type !== 'dump' && type !== 'explain') return
    progress.clear()
    if (type === 'image' || type === 'file') printResult(event.path)
    else if (type === 'dump') printNote(`# ${event.of}, after ${event.stage}\n${printable(event.text)}`)
    else if (type === 'explain') printNote(explanationOf(event))
    else printWarning(fromErrorData(event.error))
  }
}

/** Prints a session, and a line for each of its adapters. */
function explanationOf({ of, adapters }: Extract<RunEvent, { type: 'explain' }>): string {
  const lines = adapters.map(
    ({ file, strength, live, why }) => `  ${live ? 'live' : 'folded'}: ${file} at ${strength}; ${why}`,
  )
  return printable([`# ${of}${lines.length === 0 ? ': no adapters' : ''}`, ...lines].join('\n'))
}

function memoryLine({
  of,
  device,
  weights,
  activations,
  budget,
  why,
  released,
}: Extract<RunEvent, { type: 'memory' }>): string {
  const mebibytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`
  const limit = budget === undefined ? `no budget (${why})` : `a budget of ${mebibytes(budget)} (${why})`
  const left = released.length === 0 ? '' : `; ${released.join(', ')} left for it`
  return printable(
    `# ${of} on ${device}: ${mebibytes(weights)} of own weights, about ${mebibytes(activations)} while it runs; ${limit}${left}`,
  )
}

function deviceOf(name = 'auto'): DeviceChoice {
  const device = devices.find((known) => known === name)
  if (device === undefined) throw unknown('device', name, devices)
  return device
}

function precisionOf(name = 'auto'): PrecisionChoice {
  const precision = precisionChoices.find((known) => known === name)
  if (precision === undefined) throw unknown('precision', name, precisionChoices)
  return precision
}

function dumpStageOf(text: string | undefined): DumpStage | undefined {
  if (text === undefined) return undefined
  const stage = dumpStages.find((known) => text === `after:${known}`)
  if (stage === undefined)
    throw unknown(
      'stage',
      text,
      dumpStages.map((known) => `after:${known}`),
    )
  return stage
}

/** Checks before minutes of work that pictures can be written there. */
export async function outputFolderOf(out: string): Promise<string> {
  const folder = resolve(out)
  const stats = await stat(folder).catch(() => undefined)
  if (stats && !stats.isDirectory())
    throw wrong(`--out ${out} is a file.`, 'Name a folder; pictures get their names there.')
  try {
    await makeFolder(folder)
    // rights alone do not tell: a drive may be read-only, and root may do everything but write into /proc
    await rm(await mkdtemp(join(folder, '.latent-loom-')), { recursive: true })
  } catch (error) {
    throw osError(error, 'write into', folder)
  }
  return folder
}

function summaryOf({ images, files = [], steps, reused, milliseconds }: Result<'run'>): string {
  const pictures = images.length > 0 || files.length === 0 ? [counted(images.length, 'picture')] : []
  const models = files.length > 0 ? [counted(files.length, 'model file')] : []
  const known = reused > 0 ? `, ${reused} of ${steps} steps reused` : ''
  return `${[...pictures, ...models].join(' and ')} in ${seconds(milliseconds)}${known}`
}

/** The costliest nodes, as a table. */
function profileText(
  { path, count, milliseconds, nodes }: NonNullable<Result<'run'>['profile']>,
  whole: number,
): string {
  const width = Math.max(...nodes.map(({ op }) => op.length))
  const rows = nodes.map((node) => {
    const share = `${((100 * node.milliseconds) / whole).toFixed(1)} %`
    return `${node.milliseconds.toFixed(1).padStart(10)} ms${share.padStart(8)}  ${node.op.padEnd(width)}  ${node.name} of ${node.of}`
  })
  const heading = `The trace for https://ui.perfetto.dev is ${path}\n${count} nodes took ${seconds(milliseconds)} of ${seconds(whole)}; the costliest:`
  return printable([heading, ...rows].join('\n'))
}

function counted(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`
}
