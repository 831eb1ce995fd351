import { type ComponentType, type ReactNode, Suspense } from 'react'
import { useStore } from 'zustand'
import { useReturnedFocus } from '../canvas/view/use-returned-focus.ts'
import { TabContext } from '../store/context.ts'
import { closeDialog, type Dialog, ui } from '../store/ui.ts'
import { useActiveTab } from '../store/use-active-tab.ts'
import { Boundary } from '../ui/boundary.tsx'
import { FailedDialog } from '../ui/failed-dialog.tsx'
import { dialogs } from './dialogs.tsx'

/** Shows the open dialog in the context of the active tab. */
export function DialogHost() {
  const dialog = useStore(ui, (state) => state.dialog)
  const tab = useActiveTab()
  // each entry of the table fits its kind, but TypeScript cannot express this for a kind known only at run time
  const Content = dialog && (dialogs[dialog.kind] as ComponentType<{ readonly dialog: Dialog }>)
  if (!Content) return null
  return (
    <TabContext value={tab}>
      <FocusReturned />
      <Boundary key={dialog.kind} frame={asDialog}>
        <Suspense>
          <Content dialog={dialog} />
        </Suspense>
      </Boundary>
    </TabContext>
  )
}

const asDialog = (message: ReactNode) => <FailedDialog onClose={closeDialog}>{message}</FailedDialog>

/** Returns the focus, because a closed dialog is unmounted at once and cannot do it itself. */
function FocusReturned() {
  useReturnedFocus()
  return null
}
