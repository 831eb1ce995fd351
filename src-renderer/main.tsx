import './theme/global.css'
import { createRoot } from 'react-dom/client'
import { installShortcuts } from './actions/shortcuts.ts'
import { App } from './app.tsx'
import { desktop } from './desktop/bridge.ts'
import { followDesktop } from './desktop/follow.ts'
import { followServer } from './run/follow-server.ts'
import { watchStyles } from './shell/broken-styles.ts'
import { start } from './workspace/start.ts'

watchStyles()
const root = document.getElementById('root')
if (root) createRoot(root).render(<App />)
installShortcuts()
followServer()
if (desktop) followDesktop(desktop)
void start()
