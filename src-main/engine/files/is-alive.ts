import { osCode } from './os-error.ts'

/** Whether a process with this number is there, also one of another user. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return osCode(error) === 'EPERM'
  }
}
