import { contextBridge, type IpcRendererEvent, ipcRenderer } from 'electron'
import type { WindowEvent } from '#core/protocol/desktop.ts'
import { eventChannel, verbChannel, verbNames } from './channels.ts'

const verbs = Object.fromEntries(
  verbNames.map((verb) => [verb, (...given: unknown[]) => ipcRenderer.invoke(verbChannel(verb), ...given)]),
)

/** As `Desktop` says: the main process sends each event with what `WindowEvents` names. */
const listen = (event: WindowEvent, listener: (what: unknown) => void) => {
  const receive = (_event: IpcRendererEvent, what: unknown) => listener(what)
  ipcRenderer.on(eventChannel(event), receive)
  return () => ipcRenderer.off(eventChannel(event), receive)
}

contextBridge.exposeInMainWorld('desktop', { ...verbs, listen })
