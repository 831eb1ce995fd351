import { createContext, useContext } from 'react'
import { useStore } from 'zustand'
import type { DocumentState } from './document-store.ts'
import type { Level } from './graph.ts'
import type { InferenceState } from './inference.ts'
import type { RunState } from './run-store.ts'
import { levelOf, type ViewState } from './view-store.ts'
import type { Tab } from './workspace.ts'

/** The tab of a component. */
export const TabContext = createContext<Tab | undefined>(undefined)

export function useTab(): Tab {
  const tab = useContext(TabContext)
  if (!tab) throw new Error('This component belongs inside a tab.')
  return tab
}

/** Hooks for the tab's stores. Components take ids and select only what they show, to avoid needless rendering. */
export const useDocument = <T>(select: (state: DocumentState) => T): T => useStore(useTab().document, select)
export const useView = <T>(select: (state: ViewState) => T): T => useStore(useTab().view, select)
export const useRun = <T>(select: (state: RunState) => T): T => useStore(useTab().run, select)
export const useInference = <T>(select: (state: InferenceState) => T): T => useStore(useTab().inference, select)

export const useLevel = (): Level => useView(levelOf)

export { commitTo } from './history.ts'
