import { setTimeout as sleep } from 'node:timers/promises'
import { cancelled, LoomError } from '#core/errors.ts'
import { inTime } from '#core/in-time.ts'
import type { CallOptions } from '#core/protocol/channel.ts'
import { toErrorData } from '#core/protocol/error-data.ts'
import type { Method, Params, Result } from '#core/protocol/messages.ts'
import type { Engine } from '#engine/engine.ts'
import { type EngineChild, type EngineProgram, startEngine } from './engine-child.ts'

export interface SupervisorLimits {
  /** Milliseconds a cancelled run may continue before its process is killed: a step and a decode on a slow CPU. */
  readonly cancelGrace: number
  /** Milliseconds of silence after which a busy process counts as hung; `run()` can block for minutes. */
  readonly silence: number
  /** Milliseconds before the first restart after a crash; doubles with each further one. */
  readonly firstBackOff: number
  readonly longestBackOff: number
  /** Milliseconds that an ended process is waited for: one that waits for a lost drive cannot be killed. */
  readonly end: number
}

const defaultLimits: SupervisorLimits = {
  cancelGrace: 60_000,
  silence: 30 * 60_000,
  firstBackOff: 100,
  longestBackOff: 10_000,
  end: 5_000,
}

/** A job that crashed its process this often is given up. */
const attempts = 2

export interface SupervisorOptions extends EngineProgram {
  /** Receives what the engine process prints. */
  readonly log?: (text: string) => void
  readonly limits?: Partial<SupervisorLimits>
}

/** An engine in a process of its own, whose crash the program survives. */
export interface Supervisor extends Engine {
  /** Kills the process without waiting. The running call rejects as cancelled. */
  kill(): void
}

/**
 * Starts the engine process on the first call, restarts it after a crash, and repeats the interrupted job once. Runs
 * happen one after the other. Cancellation is soft, between steps; a process that ignores it is killed.
 */
export function superviseEngine({ log = () => {}, limits: given, ...program }: SupervisorOptions): Supervisor {
  const limits = { ...defaultLimits, ...given }
  let child: EngineChild | undefined
  let underWay = 0
  let deaths = 0
  let closed = false
  let lastRun: Promise<unknown> = Promise.resolve()

  const silence = watchdog(limits.silence, () => {
    const minutes = (limits.silence / 60_000).toFixed(1)
    child?.kill(new LoomError('engine', `The engine process said nothing for ${minutes} minutes and was ended.`))
  })

  function living(): EngineChild {
    if (child && !child.client.closed) return child
    child = startEngine(program, { heard: silence.reset, log })
    return child
  }

  async function attempt<M extends Method>(
    method: M,
    params: Params<M>,
    options: CallOptions,
  ): Promise<Result<M> | Died> {
    const { signal } = options
    const backOff = deaths === 0 ? 0 : Math.min(limits.firstBackOff * 2 ** (deaths - 1), limits.longestBackOff)
    if (backOff > 0) await sleep(backOff, undefined, { signal }).catch(() => {})
    if (closed || signal?.aborted) throw cancelled()
    const on = living()
    let graceTimer: NodeJS.Timeout | undefined
    const limitGrace = () => {
      graceTimer = setTimeout(() => on.kill(cancelled()), limits.cancelGrace)
    }
    signal?.addEventListener('abort', limitGrace, { once: true })
    if (underWay++ === 0) silence.start()
    try {
      const result = await on.client.call(method, params, options)
      deaths = 0
      return result
    } catch (error) {
      const reason = on.client.closed
      if (reason === undefined || error !== reason) throw error
      // waits until the old process is gone: two engines at once would need twice the memory
      await inTime(on.ended, limits.end, () => {})
      if (closed || signal?.aborted) throw cancelled()
      deaths++
      return new Died(reason)
    } finally {
      if (--underWay === 0) silence.stop()
      clearTimeout(graceTimer)
      signal?.removeEventListener('abort', limitGrace)
    }
  }

  async function request<M extends Method>(
    method: M,
    params: Params<M>,
    options: CallOptions = {},
  ): Promise<Result<M>> {
    for (let count = 1; ; count++) {
      const outcome = await attempt(method, params, options)
      if (!(outcome instanceof Died)) return outcome
      if (count === attempts) throw poisonous(outcome.reason)
      options.emit?.({ type: 'warning', error: toErrorData(startsAgain(outcome.reason)) })
    }
  }

  return {
    run(params, emit, signal) {
      const turn = lastRun
      const result = (async () => {
        await Promise.race([turn, aborted(signal)])
        return request('run', params, { emit, signal })
      })()
      lastRun = Promise.allSettled([turn, result])
      return result
    },
    validate: (params) => request('validate', params),
    inspect: (params) => request('inspect', params),
    devices: () => request('devices', {}),
    kill() {
      closed = true
      child?.kill(cancelled())
    },
    async close() {
      closed = true
      child?.client.close(cancelled())
      if (child) await inTime(child.ended, limits.end, () => {})
    },
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** The engine process crashed during a job. */
class Died {
  readonly reason: LoomError
  constructor(reason: LoomError) {
    this.reason = reason
  }
}

function startsAgain({ code, message, hint }: LoomError): LoomError {
  return new LoomError(code, `${message} It is started again and repeats the job.`, { hint })
}

function poisonous({ code, message, hint }: LoomError): LoomError {
  return new LoomError(code, `${message} It happened ${attempts} times with this job, which is given up.`, {
    hint: hint ?? 'Run it again with --verbose to see what the engine printed.',
  })
}

/** Calls `expired` if it is not reset for `milliseconds` between `start` and `stop`. */
function watchdog(milliseconds: number, expired: () => void) {
  let timer: NodeJS.Timeout | undefined
  return {
    start() {
      timer = setTimeout(expired, milliseconds)
    },
    reset() {
      timer?.refresh()
    },
    stop() {
      clearTimeout(timer)
      timer = undefined
    },
  }
}
