import type { Tab } from '../store/workspace.ts'

/** Starts something that goes on as long as the tab is open, and returns what ends it. */
type Attachment = (tab: Tab) => () => void

const attachments: readonly Attachment[] = []
const attached = new Map<string, readonly (() => void)[]>()

/** Starts what belongs to every open tab. */
export function attach(tab: Tab): void {
  attached.set(tab.id, attachments.map((start) => start(tab)))
}

export function detach(id: string): void {
  for (const end of attached.get(id) ?? []) end()
  attached.delete(id)
}
