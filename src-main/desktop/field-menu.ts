import type { ContextMenuParams, MenuItemConstructorOptions } from 'electron'

type Item = MenuItemConstructorOptions

/** What a menu of a text needs to know of the place that was pressed. */
export type Pressed = Pick<
  ContextMenuParams,
  'isEditable' | 'selectionText' | 'misspelledWord' | 'dictionarySuggestions'
> & {
  readonly editFlags: Pick<
    ContextMenuParams['editFlags'],
    'canUndo' | 'canRedo' | 'canCut' | 'canCopy' | 'canPaste' | 'canSelectAll'
  >
}

/** What the items about a word lead to. */
export interface WordTargets {
  replace(word: string): void
  learn(word: string): void
}

/** Suggestions that are offered for a word. */
const maxSuggestions = 5

/** The menu of a text field, or of selected text; empty elsewhere, where the page has menus of its own. */
export function fieldMenu(pressed: Pressed, targets: WordTargets): Item[] {
  const { isEditable, selectionText, editFlags } = pressed
  if (!isEditable) return selectionText.trim() === '' ? [] : [{ role: 'copy' }]
  return [
    ...wordItems(pressed, targets),
    { role: 'undo', enabled: editFlags.canUndo },
    { role: 'redo', enabled: editFlags.canRedo },
    { type: 'separator' },
    { role: 'cut', enabled: editFlags.canCut },
    { role: 'copy', enabled: editFlags.canCopy },
    { role: 'paste', enabled: editFlags.canPaste },
    { role: 'selectAll', enabled: editFlags.canSelectAll },
  ]
}

function wordItems({ misspelledWord, dictionarySuggestions }: Pressed, { replace, learn }: WordTargets): Item[] {
  if (misspelledWord === '') return []
  const suggestions = dictionarySuggestions
    .slice(0, maxSuggestions)
    .map((word): Item => ({ label: word, click: () => replace(word) }))
  return [
    ...(suggestions.length > 0 ? suggestions : [{ label: 'No suggestions', enabled: false }]),
    { label: 'Add to the dictionary', click: () => learn(misspelledWord) },
    { type: 'separator' },
  ]
}
