import type { Desktop } from '#core/protocol/desktop.ts'
import { perform } from '../actions/perform.ts'
import { actionOf } from '../actions/registry.ts'
import { settings } from '../store/settings.ts'
import { activeTab, workspace } from '../store/workspace.ts'
import { showError } from '../ui/notices.ts'
import { openDocument } from '../workspace/documents.ts'
import { desktopMenus } from './menu.ts'

/** Maximum delay of the menu in milliseconds. Each update rebuilds the whole menu. */
const lag = 250

/** Keeps the native menu and the window's unsaved mark up to date, and performs the menu's actions. */
export function followDesktop(desktop: Desktop): void {
  desktop.listen('action', (id) => {
    const action = actionOf(id)
    const context = { tab: activeTab() }
    if (action && (action.enabled?.(context) ?? true)) perform(action, context)
  })
  desktop.listen('open', (id) => void openDocument(id).catch(showError))

  let due = false
  const tell = () => {
    due = false
    const unsaved = workspace.getState().tabs.some(({ document }) => document.isUnsaved())
    Promise.all([desktop.setMenu(desktopMenus({ tab: activeTab() })), desktop.setUnsaved(unsaved)]).catch(showError)
  }
  const changed = () => {
    if (!due) setTimeout(tell, lag)
    due = true
  }
  let watched: readonly (() => void)[] = []
  const watch = () => {
    for (const stop of watched) stop()
    const { tabs } = workspace.getState()
    watched = tabs.flatMap(({ document, view }) => [document.subscribe(changed), view.subscribe(changed)])
    changed()
  }
  workspace.subscribe(watch)
  settings.subscribe(changed)
  watch()
}
