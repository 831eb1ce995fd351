import type { PanelSize } from 'react-resizable-panels'
import { z } from 'zod'
import { createKeptStore } from '../store/kept-store.ts'

const schema = z.object({ left: z.number().positive().catch(280), right: z.number().positive().catch(320) })

/** Widths of the panels in pixels: they stay what they are when the window changes, or another panel is opened. */
export const panelWidths = createKeptStore('widths', schema, {})

/** Keeps the width that a panel was given. */
export const keepWidth = {
  left: ({ inPixels }: PanelSize) => panelWidths.setState({ left: inPixels }),
  right: ({ inPixels }: PanelSize) => panelWidths.setState({ right: inPixels }),
}
