import './theme/global.css'
import './theme/kinds.css'
import { createRoot } from 'react-dom/client'
import { installShortcuts } from './actions/shortcuts.ts'
import { desktop } from './api/desktop.ts'
import { App } from './app.tsx'
import { followDesktop } from './desktop/follow.ts'
import { followServer } from './run/follow-server.ts'
import { followTabs } from './shell/follow-tabs.ts'
import { NewestPicture } from './shell/newest-picture.tsx'
import { Shell } from './shell/shell.tsx'
import { watchStyles } from './ui/broken-styles.ts'
import { start } from './workspace/start.ts'

/** The address of the window that only shows the newest picture. */
const isPictureWindow = location.hash === '#picture'

watchStyles()
const root = document.getElementById('root')
if (root) createRoot(root).render(<App>{isPictureWindow ? <NewestPicture /> : <Shell />}</App>)
followServer()
if (!isPictureWindow) {
  installShortcuts()
  followTabs()
  void start().then(() => desktop && followDesktop(desktop))
}
