import type { FileHandle } from 'node:fs/promises'

type Fs = typeof import('node:fs/promises')

/**
 * The fault to inject: call number `failAt` of the file system fails with `code`, or all up to this one of the call `only`. No
 * call fails if `code` is ''; with `hang` it never ends. It fails after `until`.
 */
export const fault = { calls: 0, failAt: 0, code: '', only: '', until: Promise.resolve() }

/** A disk with so many bytes left; undefined: as many as it has. */
export const disk: { free: number | undefined } = { free: undefined }

/** Paths below which every call hangs, as on a lost drive, and the calls there were. */
export const lostDrives = { paths: new Set<string>(), calls: [] as string[] }

export function noFault(): void {
  Object.assign(fault, { calls: 0, failAt: 0, code: '', only: '', until: Promise.resolve() })
  lostDrives.paths.clear()
  lostDrives.calls = []
  disk.free = undefined
}

/** A call on a path that a lost drive holds for ever. */
function onLostDrive(path: unknown): Promise<never> | undefined {
  const lies = [...lostDrives.paths].some((drive) => path === drive || String(path).startsWith(`${drive}/`))
  if (!lies) return undefined
  lostDrives.calls.push(String(path))
  return new Promise<never>(() => {})
}

/** The real file system with the fault, for `vi.mock('node:fs/promises')`. */
export function failingFs(real: Fs): Fs {
  const counted = async <T>(name: string, run: () => Promise<T>): Promise<T> => {
    if (fault.code !== '' && (fault.only === '' || fault.only === name)) {
      fault.calls += 1
      const due = fault.only === '' ? fault.calls === fault.failAt : fault.calls <= fault.failAt
      if (due && fault.code === 'hang') return new Promise<never>(() => {})
      if (due) await fault.until
      if (due) throw Object.assign(new Error(fault.code), { code: fault.code })
    }
    return run()
  }
  const watch = (handle: FileHandle): FileHandle =>
    new Proxy(handle, {
      get(target, key: keyof FileHandle) {
        const value = target[key]
        if (typeof value !== 'function') return value
        const method = (...args: unknown[]): unknown => Reflect.apply(value, target, args)
        // a close that fails still closes the file
        if (key === 'close') return async () => counted('close', async () => undefined).finally(() => target.close())
        return (...args: unknown[]) => counted(String(key), async () => method(...args))
      },
    })
  // a fault in every call leaves out those that only look, unless they are meant
  const looked = <T>(name: string, path: unknown, run: () => Promise<T>): Promise<T> =>
    onLostDrive(path) ?? (fault.only === name ? counted(name, run) : run())
  return {
    ...real,
    open: (...args: Parameters<Fs['open']>) =>
      onLostDrive(args[0]) ?? counted('open', async () => watch(await real.open(...args))),
    rename: (...args: Parameters<Fs['rename']>) => counted('rename', () => real.rename(...args)),
    link: (...args: Parameters<Fs['link']>) => counted('link', () => real.link(...args)),
    realpath: ((...args: Parameters<Fs['realpath']>) =>
      looked('realpath', args[0], () => real.realpath(...args))) as Fs['realpath'],
    stat: ((...args: Parameters<Fs['stat']>) => looked('stat', args[0], () => real.stat(...args))) as Fs['stat'],
    readdir: ((...args: Parameters<Fs['readdir']>) =>
      looked('readdir', args[0], () => real.readdir(...args))) as Fs['readdir'],
    statfs: (async (...args: Parameters<Fs['statfs']>) => {
      const stats = await real.statfs(...args)
      return disk.free === undefined ? stats : { ...stats, bavail: Math.floor(disk.free / Number(stats.bsize)) }
    }) as Fs['statfs'],
    mkdir: ((...args) => counted('mkdir', () => real.mkdir(...args))) as Fs['mkdir'],
  }
}
