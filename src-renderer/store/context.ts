import { createContext, useContext } from 'react'
import { useStore } from 'zustand'
import type { DocumentState } from './document-store.ts'
import type { Level } from './graph.ts'
import type { InferenceState } from './inference.ts'
import type { RunState } from './run-store.ts'
import { levelOf, type ViewState } from './view-store.ts'
import type { Tab } from './workspace.ts'

/** The tab that a component is in. */
export const TabContext = createContext<Tab | undefined>(undefined)

export function useTab(): Tab {
  const tab = useContext(TabContext)
  if (!tab) throw new Error('This component belongs inside a tab.')
  return tab
}

/** Hooks of the tab's stores; a component takes ids and selects narrowly, so that it draws again only for what it shows. */
export const useDocument = <T>(select: (state: DocumentState) => T): T => useStore(useTab().document, select)
export const useView = <T>(select: (state: ViewState) => T): T => useStore(useTab().view, select)
export const useRun = <T>(select: (state: RunState) => T): T => useStore(useTab().run, select)
export const useInference = <T>(select: (state: InferenceState) => T): T => useStore(useTab().inference, select)

export const useLevel = (): Level => useView(levelOf)

export { commitTo } from './history.ts'
