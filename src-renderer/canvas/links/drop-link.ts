import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type { LinkEnd } from '../../store/graph.ts'

/** The link into which the dragged node would be inserted. */
const dropLink = createStore<{ readonly end: LinkEnd | undefined }>(() => ({ end: undefined }))

const same = (a: LinkEnd | undefined, b: LinkEnd | undefined): boolean => a?.node === b?.node && a?.input === b?.input

export function setDropLink(end: LinkEnd | undefined): void {
  if (!same(dropLink.getState().end, end)) dropLink.setState({ end })
}

export const useIsDropLink = (end: LinkEnd): boolean => useStore(dropLink, (state) => same(state.end, end))
