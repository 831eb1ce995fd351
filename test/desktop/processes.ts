import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

interface Process {
  readonly pid: number
  readonly parent: number
  /** Its program and arguments. */
  readonly command: string
}

/** All processes of the machine. A bare Linux has no `ps`. Not for Windows. */
function processes(): readonly Process[] {
  if (process.platform === 'linux')
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => processOf(Number(name)))
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,command='], { encoding: 'utf8' }).split('\n')
  return lines.flatMap((line) => {
    const [, pid, parent, command = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }]
  })
}

function processOf(pid: number): Process[] {
  try {
    const parent = /^\d+ \(.*\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]
    return [
      { pid, parent: Number(parent), command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') },
    ]
  } catch {
    // it has ended
    return []
  }
}

/** The processes whose program or arguments name one of these folders. */
export const processesIn = (...folders: readonly string[]): readonly Process[] =>
  processes().filter(({ command }) => folders.some((folder) => command.includes(folder)))

/** The processes that a process has started, and those that these have. */
export function descendantsOf(pid: number, all = processes()): readonly Process[] {
  return all.filter(({ parent }) => parent === pid).flatMap((child) => [child, ...descendantsOf(child.pid, all)])
}

/** What runs for a started program, by what it is. Each is undefined where it does not run. */
export function partsOf(pid: number): Readonly<Record<'server' | 'engine', number | undefined>> {
  const all = descendantsOf(pid)
  const first = (part: string) => all.find(({ command }) => command.includes(part))?.pid
  return { server: first('latent-loom.mjs serve'), engine: first('engine-process') }
}
