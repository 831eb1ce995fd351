import { z } from 'zod'
import { createKeptStore } from './kept-store.ts'

/** Choices of the person that belong to no document; each falls back to its default by itself. */
const settingsSchema = z.object({
  theme: z.enum(['dark', 'light', 'system']).catch('system'),
  /** Nodes snap to the grid while they are moved. */
  snap: z.boolean().catch(true),
  minimap: z.boolean().catch(true),
  /** Asks for previews while a picture is made. */
  previews: z.boolean().catch(true),
  /** Has them decoded by a TAESD where there is one. */
  decodedPreviews: z.boolean().catch(false),
  /** Key chords of actions by id, where they differ from the defaults. */
  shortcuts: z.record(z.string(), z.array(z.string())).catch({}),
  device: z.string().catch('auto'),
})
export type Settings = z.infer<typeof settingsSchema>

/** Kept in the browser; what cannot be read there counts as not set. */
export const settings = createKeptStore('settings', settingsSchema, {})
