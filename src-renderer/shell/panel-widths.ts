import type { PanelSize } from 'react-resizable-panels'
import { z } from 'zod'
import { createStore } from 'zustand/vanilla'

const key = 'latent-loom.widths'

const schema = z.object({ left: z.number().positive().catch(280), right: z.number().positive().catch(320) })

/** Widths of the panels in pixels: they stay what they are when the window changes, or another panel is opened. */
export const panelWidths = createStore(() => schema.parse(stored()))

/** Keeps the width that a panel was given. */
export const keepWidth = {
  left: ({ inPixels }: PanelSize) => panelWidths.setState({ left: inPixels }),
  right: ({ inPixels }: PanelSize) => panelWidths.setState({ right: inPixels }),
}

panelWidths.subscribe((widths) => {
  try {
    localStorage.setItem(key, JSON.stringify(widths))
  } catch {
    // A browser that keeps nothing still has the widths until the page closes.
  }
})

function stored(): unknown {
  try {
    return JSON.parse(localStorage.getItem(key) ?? '{}')
  } catch {
    return {}
  }
}
