import { useStore } from 'zustand'
import { type Tab, workspace } from '../store/workspace.ts'
import { t } from '../strings/t.ts'

/** The title of a tab: the name of the document, or else of its file. */
export function titleOf(tab: Tab): string {
  const { name } = tab.document.getState().workflow
  return name || workspace.getState().files.get(tab.id)?.name || t('shell.tabs.untitled')
}

export function useTitle(tab: Tab): string {
  const name = useStore(tab.document, ({ workflow }) => workflow.name)
  const file = useStore(workspace, ({ files }) => files.get(tab.id)?.name)
  return name || file || t('shell.tabs.untitled')
}
