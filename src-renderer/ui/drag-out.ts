import type { DragEvent } from 'react'
import { desktop } from '../api/desktop.ts'
import { showError } from './notices.ts'

interface DragProps {
  readonly draggable?: true
  onDragStart?(event: DragEvent): void
}

/**
 * Lets the desktop window drag the file of a picture into other programs. In a browser, what the image itself says about
 * dragging stays.
 * @param id of the picture
 */
export function dragOut(id: string): DragProps {
  if (!desktop) return {}
  const { dragPicture } = desktop
  return {
    draggable: true,
    onDragStart(event) {
      // else the browser drags the thumbnail
      event.preventDefault()
      dragPicture(id).catch(showError)
    },
  }
}
