import { useStore } from 'zustand'
import { type Tab, workspace } from './workspace.ts'

/** The tab that is shown. */
export const useActiveTab = (): Tab | undefined =>
  useStore(workspace, ({ tabs, active }) => tabs.find(({ id }) => id === active))
