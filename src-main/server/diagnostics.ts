import { readdir } from 'node:fs/promises'
import { availableParallelism, cpus, freemem, totalmem } from 'node:os'
import type { Result } from '#core/protocol/messages.ts'
import { osCode } from '#engine/files/os-error.ts'
import { programVersion } from '../program.ts'

interface Folder {
  readonly path: string
  readonly state: string
}

/** What one asks about a program that does not do what it should. */
export interface Report extends Partial<Result<'devices'>> {
  readonly program: Readonly<Record<string, string>>
  readonly system: Readonly<Record<string, string>>
  readonly folders: readonly Folder[]
}

/** Examines program, system and model folders. An engine that cannot even start is a finding, too. */
export async function examine(
  models: readonly string[],
  devices: () => Promise<Result<'devices'>>,
): Promise<{ report: Report; error?: unknown }> {
  const engine = await devices().then(
    (report) => ({ report, error: undefined }),
    (error: unknown) => ({ report: undefined, error }),
  )
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
  return { report, error: engine.error }
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

/**
 * A report as text, a line each.
 * @param names changes how each text is told
 */
export function reportLines(
  { program, system, folders, devices = [], automatic, versions = {} }: Report,
  names = (text: string): string => text,
): string[] {
  const table = (rows: readonly (readonly [string, string])[]): string[] => {
    const told = rows.map(([name, value]) => [names(name), names(value)] as const)
    const width = Math.max(0, ...told.map(([name]) => name.length))
    return told.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)
  }
  return [
    'Program',
    ...table(Object.entries({ ...program, ...versions })),
    'System',
    ...table(Object.entries(system)),
    'Devices',
    ...table(devices.map(({ name, available, detail }) => [`${available ? '+' : '-'} ${name}`, detail])),
    ...(automatic ? [`  auto takes ${automatic.device}: ${names(automatic.why)}`] : []),
    'Model folders',
    ...table(folders.map(({ path, state }) => [path, state])),
  ]
}
