import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type { PortRef } from '../../store/ui.ts'
import type { Tab } from '../../store/workspace.ts'
import { candidatesFor, portKey } from './connection-fit.ts'

/** State of a port while a link is drawn. */
export type PortMark = 'from' | 'fits' | 'wrong'

interface ConnectionState {
  /** The fixed end of the drawn link; undefined while none is drawn. */
  readonly from: PortRef | undefined
  readonly marks: ReadonlyMap<string, PortMark>
}

const idle: ConnectionState = { from: undefined, marks: new Map() }

const connection = createStore<ConnectionState>(() => idle)

export function beginConnection(tab: Tab, from: PortRef): void {
  const marks = new Map<string, PortMark>()
  for (const { port, fits } of candidatesFor(tab, from)) marks.set(portKey(port), fits ? 'fits' : 'wrong')
  marks.set(portKey(from), 'from')
  connection.setState({ from, marks })
}

export const endConnection = (): void => connection.setState(idle)

export const usePortMark = (key: string): PortMark | undefined => useStore(connection, ({ marks }) => marks.get(key))

export const useConnectionFrom = (): PortRef | undefined => useStore(connection, ({ from }) => from)
