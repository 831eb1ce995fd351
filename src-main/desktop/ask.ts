import { type BrowserWindow, dialog, type MessageBoxOptions } from 'electron'

interface Question extends Pick<MessageBoxOptions, 'type' | 'message' | 'detail' | 'noLink'> {
  /** What the person may choose: to do it, or to leave it. */
  readonly buttons: [yes: string, no: string]
  /** The one that Enter chooses. To leave it where that loses nothing. */
  readonly usual: 'yes' | 'no'
}

/**
 * Asks the person a question with two answers. Escape is no.
 * @param window the one before which it is asked, if there is one
 */
export async function confirms(window: BrowserWindow | undefined, { usual, ...question }: Question): Promise<boolean> {
  const options = { ...question, defaultId: usual === 'yes' ? 0 : 1, cancelId: 1 }
  const { response } = await (window ? dialog.showMessageBox(window, options) : dialog.showMessageBox(options))
  return response === 0
}
