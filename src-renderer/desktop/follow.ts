import type { Desktop } from '#core/protocol/desktop.ts'
import { settings } from '../store/settings.ts'
import { showError } from '../ui/notices.ts'
import { openGiven } from '../workspace/start.ts'
import { followJobs } from './follow-jobs.ts'
import { followMenu } from './follow-menu.ts'

/** Keeps the desktop window up to date, and does what it asks for. For a page that has its documents. */
export function followDesktop(desktop: Desktop): void {
  followMenu(desktop)
  followJobs(desktop)
  followSettings(desktop)
  const take = () => void openGiven().catch(showError)
  desktop.listen('opened', take)
  desktop.listen('imported', take)
  take()
}

function followSettings(desktop: Desktop): void {
  const tell = ({ theme, spelling } = settings.getState()) =>
    void desktop.setSettings({ theme, spelling }).catch(showError)
  settings.subscribe((now, before) => {
    if (now.theme !== before.theme || now.spelling !== before.spelling) tell(now)
  })
  tell()
}
