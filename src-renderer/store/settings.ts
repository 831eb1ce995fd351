import { z } from 'zod'
import { precision } from '#core/protocol/messages.ts'
import { createKeptStore } from './kept-store.ts'

/** Settings of the user. Each invalid one falls back to its default. */
const settingsSchema = z.object({
  theme: z.enum(['dark', 'light', 'system']).catch('system'),
  /** Moved nodes snap to the grid. */
  snap: z.boolean().catch(true),
  minimap: z.boolean().catch(true),
  /** What the wheel does on the canvas. Automatic: that of a mouse zooms, two fingers on a trackpad move the view. */
  wheel: z.enum(['automatic', 'zooms', 'moves']).catch('automatic'),
  /** Shows previews during a run. */
  previews: z.boolean().catch(true),
  /** Decodes previews with a TAESD, if present. */
  decodedPreviews: z.boolean().catch(false),
  /** Checks the spelling in prompts. Off at first, because the window may fetch dictionaries for it. */
  spelling: z.boolean().catch(false),
  /** Key chords by action id that differ from the defaults. */
  shortcuts: z.record(z.string(), z.array(z.string())).catch({}),
  device: z.string().catch('auto'),
  /** What networks compute in. */
  precision: precision.catch('auto'),
})
export type Settings = z.infer<typeof settingsSchema>

/** Stored in the browser. Unreadable values count as unset. */
export const settings = createKeptStore('settings', settingsSchema, {})
