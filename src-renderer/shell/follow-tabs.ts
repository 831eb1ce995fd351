import { followSeeds } from '../run/follow-seeds.ts'
import { catchUp } from '../run/follow-server.ts'
import { followLive } from '../run/live.ts'
import { startInference } from '../store/infer.ts'
import { library } from '../store/library.ts'
import { type Tab, workspace } from '../store/workspace.ts'
import { askForFacts } from '../workspace/facts.ts'

/** Starts the background work of each open tab, and ends it when the tab closes. */
export function followTabs(): void {
  const followed = new Map<string, () => void>()
  workspace.subscribe(({ tabs }) => {
    for (const tab of tabs) if (!followed.has(tab.id)) followed.set(tab.id, follow(tab))
    const open = new Set(tabs.map(({ id }) => id))
    for (const [id, end] of followed) {
      if (open.has(id)) continue
      end()
      followed.delete(id)
    }
  })
}

function follow(tab: Tab): () => void {
  const endSeeds = followSeeds(tab)
  catchUp(tab)
  const endInference = startInference(tab, library, (files) => void askForFacts(tab, files))
  const endLive = followLive(tab)
  return () => {
    endSeeds()
    endInference()
    endLive()
  }
}
