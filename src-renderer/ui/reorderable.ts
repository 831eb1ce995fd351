import type { DragEvent } from 'react'

/**
 * Makes an element draggable onto others of its kind.
 * @param kind separates its drags from all others
 * @param drop called with the id of the element that was dropped on this one
 */
export function reorderable(kind: string, id: string, drop: (dragged: string) => void) {
  const type = `application/x-latent-loom-${kind}`
  return {
    draggable: true,
    onDragStart: ({ dataTransfer }: DragEvent) => dataTransfer.setData(type, id),
    onDragOver: (event: DragEvent) => {
      if (event.dataTransfer.types.includes(type)) event.preventDefault()
    },
    onDrop: ({ dataTransfer }: DragEvent) => drop(dataTransfer.getData(type)),
  }
}
