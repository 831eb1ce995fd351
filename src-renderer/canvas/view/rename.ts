import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type { Tab } from '../../store/workspace.ts'

/** The node whose title is being edited. */
const renaming = createStore<{ readonly tab?: string; readonly node?: string }>(() => ({}))

export const startRename = ({ id }: Tab, node: string): void => renaming.setState({ tab: id, node }, true)

export const endRename = (): void => renaming.setState({}, true)

export const useIsRenaming = ({ id }: Tab, node: string): boolean =>
  useStore(renaming, (state) => state.tab === id && state.node === node)
