import { catchUp } from '../run/follow-server.ts'
import { followLive } from '../run/live.ts'
import { startInference } from '../store/infer.ts'
import { library } from '../store/library.ts'
import type { Tab } from '../store/workspace.ts'
import { askForFacts } from './facts.ts'

const attached = new Map<string, readonly (() => void)[]>()

/** Starts what goes on for as long as a tab is open. */
export function attach(tab: Tab): void {
  catchUp(tab)
  attached.set(tab.id, [startInference(tab, library, (files) => void askForFacts(tab, files)), followLive(tab)])
}

export function detach(id: string): void {
  for (const end of attached.get(id) ?? []) end()
  attached.delete(id)
}
