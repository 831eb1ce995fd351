import type { Desktop } from '#core/protocol/desktop.ts'
import { perform } from '../actions/perform.ts'
import { actionOf } from '../actions/registry.ts'
import { isField } from '../actions/shortcuts.ts'
import { call } from '../api/client.ts'
import { settings } from '../store/settings.ts'
import { activeTab, workspace } from '../store/workspace.ts'
import { showError } from '../ui/notices.ts'
import { openDocument } from '../workspace/documents.ts'
import { desktopMenus, type MenuState } from './menu.ts'

/** Maximum delay of the menu in milliseconds. Each update rebuilds the whole menu. */
const lag = 250

/** Keeps the native menu and the window's unsaved mark up to date, and performs the menu's actions. */
export function followMenu(desktop: Desktop): void {
  desktop.listen('action', (id) => choose(desktop, id))
  let recent: MenuState['recent'] = []
  let told = ''
  let due = false
  const tell = () => {
    due = false
    const unsaved = workspace.getState().tabs.some(({ document }) => document.isUnsaved())
    const menus = desktopMenus({ tab: activeTab(), typing: isField(document.activeElement), recent })
    // a menu that is open on the screen closes when it is replaced
    const next = JSON.stringify([menus, unsaved])
    if (next === told) return
    told = next
    Promise.all([desktop.setMenu(menus), desktop.setUnsaved(unsaved)]).catch(showError)
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
  const readRecent = async () => {
    recent = await recentDocuments()
    changed()
  }
  // one that is gone is said, and listed no more
  desktop.listen('open', (id) => void openDocument(id).catch(showError).finally(readRecent))
  workspace.subscribe((now, before) => {
    if (now.files !== before.files) void readRecent()
    watch()
  })
  settings.subscribe(changed)
  window.addEventListener('focusin', changed)
  window.addEventListener('focusout', changed)
  watch()
  void readRecent()
}

/** Performs the action of a menu; in a text field what it means there. */
function choose(desktop: Desktop, id: string): void {
  const action = actionOf(id)
  const context = { tab: activeTab() }
  if (action?.inText && isField(document.activeElement)) desktop.perform(action.inText).catch(showError)
  else if (action && (action.enabled?.(context) ?? true)) perform(action, context)
}

/** The documents that were opened lately and are still there. None if the server does not answer: the page says so. */
async function recentDocuments(): Promise<MenuState['recent']> {
  const { documents, recent } = await call('listDocuments', {}).catch(() => ({ documents: [], recent: [] }))
  const known = new Map(documents.map((each) => [each.id, each]))
  return recent.flatMap((id) => known.get(id) ?? [])
}
