import { readdir } from 'node:fs/promises'
import { availableParallelism, cpus, freemem, totalmem } from 'node:os'
import type { LoomError } from '#core/errors.ts'
import { toErrorData, withoutStack } from '#core/protocol/error-data.ts'
import type { ErrorData, Result } from '#core/protocol/messages.ts'
import { osCode } from '#engine/files/os-error.ts'
import { programVersion } from '../program.ts'
import { type Context, defineCommand, exitCode } from './command.ts'
import { printJson, printResult } from './output.ts'
import { asLoomError, printError } from './print-error.ts'
import { modelFlags, modelFoldersOf } from './source.ts'
import { withEngine } from './with-engine.ts'

export const doctor = defineCommand({
  summary: 'Report devices, versions and folders, what is missing and how to get it',
  operands: [],
  flags: {
    ...modelFlags,
    json: { kind: 'switch', help: 'Print JSON' },
  },
  async execute({ values }, context) {
    const models = await modelFoldersOf(values.models)
    const engine = await examineEngine(context, models, values.verbose)
    const report = {
      program: { 'latent-loom': programVersion, node: process.versions.node, 'node at': process.execPath },
      system: {
        platform: `${process.platform} ${process.arch}`,
        processor: `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores`,
        memory: memory(),
      },
      folders: await Promise.all(models.map(examineFolder)),
      ...engine.report,
    }
    if (values.json) printJson({ ...report, ...(engine.error && { error: dataOf(engine.error) }) })
    else {
      for (const line of lines(report)) printResult(line)
      if (engine.error) printError(engine.error, values.verbose)
    }
    return engine.error ? exitCode.failed : exitCode.done
  },
})

interface Folder {
  readonly path: string
  readonly state: string
}

interface Report extends Partial<Result<'devices'>> {
  readonly program: Readonly<Record<string, string>>
  readonly system: Readonly<Record<string, string>>
  readonly folders: readonly Folder[]
}

/** An engine that cannot even start is what a doctor is asked about. */
async function examineEngine(
  context: Context,
  models: readonly string[],
  verbose: boolean,
): Promise<{ report?: Result<'devices'>; error?: LoomError }> {
  try {
    return { report: await withEngine(context, { models, verbose }, (engine) => engine.devices()) }
  } catch (error) {
    return { error: asLoomError(error) }
  }
}

const modelFile = /\.safetensors$/i

async function examineFolder(path: string): Promise<Folder> {
  try {
    const names = await readdir(path, { recursive: true })
    const count = names.filter((name) => modelFile.test(name)).length
    return { path, state: `${count} .safetensors ${count === 1 ? 'file' : 'files'}` }
  } catch (error) {
    return { path, state: osCode(error) === 'ENOENT' ? 'not there' : `cannot be read (${osCode(error)})` }
  }
}

/** What a control group allows may be less than what the machine has. */
function memory(): string {
  const limit = process.constrainedMemory()
  const total = totalmem()
  const allowed = limit > 0 && limit < total ? `, ${gibibytes(limit)} allowed to this process` : ''
  return `${gibibytes(freemem())} of ${gibibytes(total)} free${allowed}`
}

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`

function lines({ program, system, folders, devices = [], versions = {} }: Report): string[] {
  return [
    'Program',
    ...table({ ...program, ...versions }),
    'System',
    ...table(system),
    'Devices',
    ...table(
      Object.fromEntries(devices.map(({ name, available, detail }) => [`${available ? '+' : '-'} ${name}`, detail])),
    ),
    'Model folders',
    ...table(Object.fromEntries(folders.map(({ path, state }) => [path, state]))),
  ]
}

function table(rows: Readonly<Record<string, string>>): string[] {
  const width = Math.max(0, ...Object.keys(rows).map((name) => name.length))
  return Object.entries(rows).map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)
}

const dataOf = (error: LoomError): ErrorData => withoutStack(toErrorData(error))
