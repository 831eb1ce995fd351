import type { FileHandle } from 'node:fs/promises'

type Fs = typeof import('node:fs/promises')

/**
 * The fault to inject: call number `failAt` of the file system fails with `code`, or all up to this one of the call `only`. No
 * call fails if `code` is ''; with `hang` it never ends.
 */
export const fault = { calls: 0, failAt: 0, code: '', only: '' }

export function noFault(): void {
  Object.assign(fault, { calls: 0, failAt: 0, code: '', only: '' })
}

/** The real file system with the fault, for `vi.mock('node:fs/promises')`. */
export function failingFs(real: Fs): Fs {
  const counted = async <T>(name: string, run: () => Promise<T>): Promise<T> => {
    if (fault.code !== '' && (fault.only === '' || fault.only === name)) {
      fault.calls += 1
      const due = fault.only === '' ? fault.calls === fault.failAt : fault.calls <= fault.failAt
      if (due && fault.code === 'hang') return new Promise<never>(() => {})
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
  const looked = <T>(name: string, run: () => Promise<T>): Promise<T> =>
    fault.only === name ? counted(name, run) : run()
  return {
    ...real,
    open: (...args: Parameters<Fs['open']>) => counted('open', async () => watch(await real.open(...args))),
    rename: (...args: Parameters<Fs['rename']>) => counted('rename', () => real.rename(...args)),
    link: (...args: Parameters<Fs['link']>) => counted('link', () => real.link(...args)),
    realpath: ((...args: Parameters<Fs['realpath']>) =>
      looked('realpath', () => real.realpath(...args))) as Fs['realpath'],
    stat: ((...args: Parameters<Fs['stat']>) => looked('stat', () => real.stat(...args))) as Fs['stat'],
    mkdir: ((...args) => counted('mkdir', () => real.mkdir(...args))) as Fs['mkdir'],
  }
}
