import { app, type BrowserWindow, Menu, type Session } from 'electron'
import { fieldMenu } from './field-menu.ts'
import { languagesFor } from './languages.ts'

/**
 * Turns spell checking on or off. Off, Chromium has no language: else it would fetch dictionaries from a server of Google
 * unasked. A Mac has dictionaries of its own.
 */
export function checkSpelling(session: Session, on: boolean): void {
  if (process.platform !== 'darwin') {
    const wanted = on ? languagesFor(app.getPreferredSystemLanguages(), session.availableSpellCheckerLanguages) : []
    session.setSpellCheckerLanguages(wanted)
  }
  session.setSpellCheckerEnabled(on)
}

/** Shows the menu of text fields, with what a misspelled word may have meant. */
export function showFieldMenus(window: BrowserWindow): void {
  const { webContents } = window
  webContents.on('context-menu', (_event, pressed) => {
    const items = fieldMenu(pressed, {
      replace: (word) => webContents.replaceMisspelling(word),
      learn: (word) => void webContents.session.addWordToSpellCheckerDictionary(word),
    })
    if (items.length > 0) Menu.buildFromTemplate(items).popup({ window })
  })
}
