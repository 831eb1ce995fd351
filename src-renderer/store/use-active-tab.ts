import { useStore } from 'zustand'
import { type Tab, workspace } from './workspace.ts'

/** The active tab. */
export const useActiveTab = (): Tab | undefined =>
  useStore(workspace, ({ tabs, active }) => tabs.find(({ id }) => id === active))
