import { useEffect } from 'react'
import { ui } from '../../store/ui.ts'
import type { Tab } from '../../store/workspace.ts'
import { showError } from '../../ui/notices.ts'
import { pointedPlace } from '../view/pointer.ts'
import { deleteSelection, handlePaste, selectionText } from './clipboard.ts'

/** Applies the browser's copy, cut and paste to the canvas, unless a field or selected text has the focus. */
export function useClipboard(tab: Tab): void {
  useEffect(() => {
    const copy = (event: ClipboardEvent): void => {
      if (isElsewhere(event) || window.getSelection()?.isCollapsed === false) return
      const text = selectionText(tab)
      if (text === undefined) return
      event.preventDefault()
      event.clipboardData?.setData('text/plain', text)
      if (event.type === 'cut') deleteSelection(tab)
    }
    const paste = (event: ClipboardEvent): void => {
      if (isElsewhere(event) || !event.clipboardData) return
      event.preventDefault()
      handlePaste(tab, event.clipboardData, pointedPlace()).catch(showError)
    }
    document.addEventListener('copy', copy)
    document.addEventListener('cut', copy)
    document.addEventListener('paste', paste)
    return () => {
      document.removeEventListener('copy', copy)
      document.removeEventListener('cut', copy)
      document.removeEventListener('paste', paste)
    }
  }, [tab])
}

function isElsewhere({ target, defaultPrevented }: ClipboardEvent): boolean {
  const { dialog, palette, search } = ui.getState()
  if (defaultPrevented || dialog || palette || search) return true
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || target.matches('textarea, select, input:not([type=checkbox], [type=range])')
}
