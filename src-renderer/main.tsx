import './theme/global.css'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { followServer } from './run/follow-server.ts'
import { start } from './workspace/start.ts'

const root = document.getElementById('root')
if (root) createRoot(root).render(<App />)
followServer()
void start()
