import { Suspense, useState } from 'react'
import { useStore } from 'zustand'
import { ui } from '../store/ui.ts'
import { Boundary } from '../ui/boundary.tsx'
import { deferred } from '../ui/deferred.ts'
import { FailedDialog } from '../ui/failed-dialog.tsx'

const Palette = deferred(async () => (await import('../panels/palette/palette.tsx')).Palette)

/** The command palette, loaded on first use. */
export function PaletteHost() {
  const open = useStore(ui, (state) => state.palette)
  const [wanted, setWanted] = useState(open)
  if (open && !wanted) setWanted(true)
  if (!wanted) return null
  const giveUp = () => {
    ui.setState({ palette: false })
    setWanted(false)
  }
  return (
    <Boundary frame={(message) => <FailedDialog onClose={giveUp}>{message}</FailedDialog>}>
      <Suspense>
        <Palette />
      </Suspense>
    </Boundary>
  )
}
