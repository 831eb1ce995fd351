import { readFileSync } from 'node:fs'
import { type ErrorCode, LoomError } from '#core/errors.ts'

/** How the engine process ended, and the evidence. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** The end of what it printed. */
  readonly log: string
  /** Processes of the control group that the kernel killed for memory while this one lived. */
  readonly oomKills: number
}

interface Death {
  readonly code: Extract<ErrorCode, 'engine' | 'memory'>
  /** Completes the sentence "The engine process …". */
  readonly what: string
  readonly hint: string
}

const lessMemory = 'Close other programs, make the picture smaller, or run on another device.'
const report = 'Run it again with --verbose to see what the engine printed, or try --device cpu.'

const outOfMemory: Death = { code: 'memory', what: 'ran out of memory', hint: lessMemory }
const segmentation: Death = {
  code: 'engine',
  what: 'crashed with a memory access violation in native code',
  hint: report,
}
const aborted: Death = { code: 'engine', what: 'was aborted by native code', hint: report }

/** Signals that deserve an explanation. */
const signals: Partial<Record<NodeJS.Signals, Death>> = {
  SIGSEGV: segmentation,
  SIGABRT: aborted,
  SIGBUS: {
    code: 'engine',
    what: 'lost a file that it was reading (SIGBUS)',
    hint: 'A model file changed or its drive went away during the run; leave model files alone and run it again.',
  },
  SIGILL: {
    code: 'engine',
    what: 'met an instruction that this processor does not have (SIGILL)',
    hint: 'ONNX Runtime needs a processor with AVX or NEON.',
  },
  SIGKILL: {
    code: 'memory',
    what: 'was killed (SIGKILL), probably because memory ran out',
    hint: lessMemory,
  },
}

/** Exit codes of Windows (NTSTATUS) and of shells that report a signal as 128 + its number. */
const exitCodes = new Map<number, Death>([
  [0xc0000005, segmentation],
  [0xc0000409, aborted],
  [0xc0000017, outOfMemory],
  [0xc00000fd, { code: 'engine', what: 'overflowed its stack', hint: report }],
  [134, aborted],
  [137, { code: 'memory', what: 'was killed (137), probably because memory ran out', hint: lessMemory }],
  [139, segmentation],
])

/** Messages that allocators print before they abort. */
const memoryWords = /Reached heap limit|heap out of memory|std::bad_alloc|out of memory|Failed to allocate memory/i

/** Says why the engine process ended, as an `engine` or `memory` error. */
export function describeExit(exit: Exit): LoomError {
  const { code, what, hint } = deathOf(exit)
  return new LoomError(code, `The engine process ${what}.`, { hint })
}

function deathOf({ code, signal, log, oomKills }: Exit): Death {
  if (oomKills > 0 && (signal === 'SIGKILL' || code === 137)) {
    return { code: 'memory', what: 'was ended by the operating system because memory ran out', hint: lessMemory }
  }
  const known = signal ? signals[signal] : code === null ? undefined : exitCodes.get(code >>> 0)
  if (known === aborted && memoryWords.test(log)) return outOfMemory
  if (known) return known
  if (code !== null && code !== 0 && memoryWords.test(log)) return outOfMemory
  const how = signal
    ? `was ended by ${signal}`
    : code === 0
      ? 'ended in the middle of its work'
      : `ended with code ${code}`
  return { code: 'engine', what: how, hint: report }
}

/**
 * How often the kernel killed for memory in this process's control group (`oom_kill` of `memory.events`, cgroup v2);
 * 0 where there is no such count.
 */
export function oomKillCount(): number {
  try {
    const group = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? ''
    const events = readFileSync(`/sys/fs/cgroup${group}/memory.events`, 'utf8')
    return Number(/^oom_kill (\d+)$/m.exec(events)?.[1] ?? 0)
  } catch {
    return 0
  }
}
