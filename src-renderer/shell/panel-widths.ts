import type { PanelSize } from 'react-resizable-panels'
import { z } from 'zod'
import { createKeptStore } from '../store/kept-store.ts'

const schema = z.object({ left: z.number().positive().catch(280), right: z.number().positive().catch(320) })

/** Widths of the panels in pixels. They stay when the window is resized or another panel opens. */
export const panelWidths = createKeptStore('widths', schema, {})

/** Stores the width of a panel. */
export const keepWidth = {
  left: ({ inPixels }: PanelSize) => panelWidths.setState({ left: inPixels }),
  right: ({ inPixels }: PanelSize) => panelWidths.setState({ right: inPixels }),
}
