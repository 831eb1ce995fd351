import { expect, it } from 'vitest'
import { fieldMenu, type Pressed } from './field-menu.ts'
import { languagesFor } from './languages.ts'

const editFlags = { canUndo: true, canRedo: false, canCut: true, canCopy: true, canPaste: true, canSelectAll: true }
const field: Pressed = { isEditable: true, selectionText: '', misspelledWord: '', dictionarySuggestions: [], editFlags }
const nothing = { replace() {}, learn() {} }
const shownFor = (pressed: Partial<Pressed>, targets = nothing) =>
  fieldMenu({ ...field, ...pressed }, targets).map(({ label, role, type }) => label ?? role ?? type)

const editing = ['undo', 'redo', 'separator', 'cut', 'copy', 'paste', 'selectAll']

it('edits a text field', () => {
  expect(shownFor({})).toEqual(editing)
  expect(fieldMenu(field, nothing)[1]).toEqual({ role: 'redo', enabled: false })
})

it('copies other text, and leaves the rest to the page', () => {
  expect(shownFor({ isEditable: false, selectionText: 'fox' })).toEqual(['copy'])
  expect(shownFor({ isEditable: false })).toEqual([])
})

it('suggests five words at most, and learns a word', () => {
  const dictionarySuggestions = ['fox', 'fix', 'fax', 'box', 'cox', 'pox']
  const word = { misspelledWord: 'foxx', dictionarySuggestions }
  expect(shownFor(word)).toEqual([
    ...dictionarySuggestions.slice(0, 5),
    'Add to the dictionary',
    'separator',
    ...editing,
  ])
  expect(shownFor({ misspelledWord: 'xqz' })[0]).toBe('No suggestions')
})

it("takes the dictionaries of the system's languages, and English", () => {
  const available = ['de', 'en-GB', 'en-US', 'pt-BR', 'fr']
  expect(languagesFor(['de-AT', 'en-GB'], available)).toEqual(['de', 'en-GB', 'en-US'])
  expect(languagesFor(['pt-PT', 'ja-JP'], available)).toEqual(['pt-BR', 'en-US'])
  expect(languagesFor(['en-US'], [])).toEqual([])
})
