import { cache } from './cache.ts'
import type { Command } from './command.ts'
import { doctor } from './doctor.ts'
import { inspect } from './inspect.ts'
import { nodes } from './nodes.ts'
import { run } from './run.ts'
import { serve } from './serve.ts'
import { setup } from './setup.ts'
import { validate } from './validate.ts'

/** Every command by its name, in the order of help. */
export const commands: ReadonlyMap<string, Command> = new Map([
  ['run', run],
  ['serve', serve],
  ['validate', validate],
  ['inspect', inspect],
  ['doctor', doctor],
  ['setup', setup],
  ['cache', cache],
  ['nodes', nodes],
])
