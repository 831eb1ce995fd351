import { contextBridge, type IpcRendererEvent, ipcRenderer } from 'electron'
import type { Desktop, WindowEvent } from '#core/protocol/desktop.ts'
import { eventChannel, verbChannel, verbNames } from './channels.ts'

const verbs = Object.fromEntries(
  verbNames.map((verb) => [verb, (...given: unknown[]) => ipcRenderer.invoke(verbChannel(verb), ...given)]),
)

const listen: Desktop['listen'] = (event: WindowEvent, listener) => {
  const receive = (_event: IpcRendererEvent, text: unknown) => listener(String(text))
  ipcRenderer.on(eventChannel(event), receive)
  return () => ipcRenderer.off(eventChannel(event), receive)
}

contextBridge.exposeInMainWorld('desktop', { ...verbs, listen })
