import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { windowSettings } from '#core/protocol/desktop.ts'

/** Where the window was. */
const place = z.object({
  x: z.int(),
  y: z.int(),
  width: z.int().positive(),
  height: z.int().positive(),
  maximized: z.boolean(),
  fullScreen: z.boolean(),
})
export type Place = z.infer<typeof place>

const keptSchema = z.object({
  /** By the set of displays, the last used one last. */
  places: z.record(z.string(), place).catch({}),
  /** Chromium's level of the page's zoom: 1.2 to its power is the factor. */
  zoom: z.number().min(-3).max(5).catch(0),
  theme: windowSettings.shape.theme.catch('system'),
  spelling: windowSettings.shape.spelling.catch(false),
  /** Whether new versions are looked for at each start. Nobody has been asked at first. */
  updates: z.enum(['unasked', 'on', 'off']).catch('unasked'),
})

/** What the window remembers from start to start. */
export type KeptState = z.infer<typeof keptSchema>

export interface Kept {
  readonly state: KeptState
  change(change: Partial<KeptState>): void
}

/** Opens the window's own file. What is missing or damaged in it falls back to its default. */
export function openKept(file: string): Kept {
  let state = read(file)
  return {
    get state() {
      return state
    },
    change(change) {
      state = { ...state, ...change }
      try {
        // at once, because the program may be about to end
        writeFileSync(`${file}.new`, JSON.stringify(state, undefined, 2))
        renameSync(`${file}.new`, file)
      } catch {
        // a full or closed drive: what is remembered lasts until the end
      }
    },
  }
}

function read(file: string): KeptState {
  try {
    return keptSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return keptSchema.parse({})
  }
}
