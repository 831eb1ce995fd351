import { VisuallyHidden } from '@mantine/core'
import { t } from '../../strings/t.ts'

/** Refers to the description of keys, which all items share. */
export const describedByKeys = { 'aria-describedby': 'canvas-item-keys' } as const

/** Text for screen readers: the keys of an item, and its position after a move by keys. */
export function CanvasKeys({ moved }: { readonly moved: string }) {
  return (
    <>
      <span hidden id={describedByKeys['aria-describedby']}>
        {t('canvas.view.itemKeys')}
      </span>
      <VisuallyHidden aria-live="polite" aria-atomic>
        {moved}
      </VisuallyHidden>
    </>
  )
}
