import { Suspense, useState } from 'react'
import { useStore } from 'zustand'
import { ui } from '../store/ui.ts'
import { deferred } from './deferred.ts'

const Palette = deferred(async () => (await import('../panels/palette/palette.tsx')).Palette)

/** The command palette, loaded when it is opened first. */
export function PaletteHost() {
  const open = useStore(ui, (state) => state.palette)
  const [wanted, setWanted] = useState(open)
  if (open && !wanted) setWanted(true)
  return <Suspense>{wanted && <Palette />}</Suspense>
}
