/** Milliseconds of processor time that `body` takes on this thread: what else keeps the machine busy is left out. */
export function cpuTime(body: () => void): number {
  const start = process.threadCpuUsage()
  body()
  const { user, system } = process.threadCpuUsage(start)
  return (user + system) / 1000
}
