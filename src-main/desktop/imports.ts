import { type BrowserWindow, dialog } from 'electron'
import type { Imported } from '#core/protocol/desktop.ts'
import { confirms } from './ask.ts'
import { tellPage } from './channels.ts'
import { download } from './download.ts'
import { messageOf } from './lasting-host.ts'
import { readLink } from './link.ts'

export interface Imports {
  /** Follows a link, if the person agrees. */
  follow(link: string): Promise<void>
  /** What was downloaded since the last call. */
  take(): Imported[]
}

/** What links of the scheme `latentloom:` lead to: a download that becomes a document, once the person has agreed. */
export function createImports(window: BrowserWindow): Imports {
  const imported: Imported[] = []
  let busy = false
  return {
    async follow(link) {
      // one question at a time: a page that opens many links must not cover the screen
      if (busy) return
      busy = true
      try {
        const address = readLink(link)
        if (!(await asks(window, address))) return
        imported.push({ title: titleOf(address), content: await download(address) })
        tellPage(window.webContents, 'imported', null)
      } catch (error) {
        const message = 'The link was not followed.'
        await dialog.showMessageBox(window, { type: 'error', message, detail: messageOf(error) })
      } finally {
        busy = false
      }
    },
    take: () => imported.splice(0),
  }
}

function asks(window: BrowserWindow, { host, href }: URL): Promise<boolean> {
  return confirms(window, {
    type: 'question',
    message: `Download a workflow from ${host}?`,
    detail: `${href}\n\nA link wants this. The workflow opens as a new document that is in no file. It does not run.`,
    buttons: ['Download', 'Cancel'],
    usual: 'no',
    noLink: true,
  })
}

/** The file's name without its ending, or the host's. */
export function titleOf({ pathname, host }: URL): string {
  const name = pathname.split('/').at(-1) ?? ''
  return (decoded(name).replace(/(\.loom)?\.(json|png)$/i, '') || host).slice(0, 200)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
