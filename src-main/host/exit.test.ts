import { describe, expect, it } from 'vitest'
import { describeExit, type Exit } from './exit.ts'

const exit = (how: Partial<Exit>) => describeExit({ code: null, signal: null, log: '', oomKills: 0, ...how })

/** Each row: how the process ended, the code of the error, what it says. */
const rows: [string, Partial<Exit>, string, RegExp][] = [
  ['SIGSEGV', { signal: 'SIGSEGV' }, 'engine', /memory access violation/],
  ['SIGSEGV of a shell', { code: 139 }, 'engine', /memory access violation/],
  ['0xC0000005, unsigned', { code: 0xc0000005 }, 'engine', /memory access violation/],
  ['0xC0000005, signed', { code: 0xc0000005 | 0 }, 'engine', /memory access violation/],
  ['SIGABRT', { signal: 'SIGABRT', log: 'terminate called' }, 'engine', /aborted/],
  ['0xC0000409', { code: 0xc0000409 }, 'engine', /aborted/],
  ['SIGABRT after bad_alloc', { signal: 'SIGABRT', log: 'what():  std::bad_alloc\n' }, 'memory', /ran out of memory/],
  ['V8 heap', { code: 134, log: 'FATAL ERROR: Reached heap limit Allocation failed' }, 'memory', /ran out of memory/],
  ['0xC0000017', { code: 0xc0000017 }, 'memory', /ran out of memory/],
  ['SIGKILL', { signal: 'SIGKILL' }, 'memory', /probably because memory ran out/],
  ['SIGKILL by the kernel', { signal: 'SIGKILL', oomKills: 1 }, 'memory', /operating system because memory ran out/],
  ['137 by the kernel', { code: 137, oomKills: 2 }, 'memory', /operating system because memory ran out/],
  ['an exit while others were killed', { code: 3, oomKills: 1 }, 'engine', /ended with code 3/],
  ['SIGBUS', { signal: 'SIGBUS' }, 'engine', /lost a file/],
  ['SIGILL', { signal: 'SIGILL' }, 'engine', /instruction/],
  ['SIGPIPE', { signal: 'SIGPIPE' }, 'engine', /ended by SIGPIPE/],
  ['0', { code: 0 }, 'engine', /in the middle of its work/],
  ['1', { code: 1 }, 'engine', /ended with code 1/],
]

describe('describeExit', () => {
  it.each(rows)('%s', (_name, how, code, says) => {
    expect(exit(how)).toMatchObject({ code, message: expect.stringMatching(says), hint: expect.stringMatching(/\.$/) })
  })
})
