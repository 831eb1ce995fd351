import './theme/global.css'
import './theme/kinds.css'
import { createRoot } from 'react-dom/client'
import { installShortcuts } from './actions/shortcuts.ts'
import { desktop } from './api/desktop.ts'
import { App } from './app.tsx'
import { followDesktop } from './desktop/follow.ts'
import { followServer } from './run/follow-server.ts'
import { followTabs } from './shell/follow-tabs.ts'
import { watchStyles } from './ui/broken-styles.ts'
import { start } from './workspace/start.ts'

watchStyles()
const root = document.getElementById('root')
if (root) createRoot(root).render(<App />)
installShortcuts()
followServer()
followTabs()
void start().then(() => desktop && followDesktop(desktop))
