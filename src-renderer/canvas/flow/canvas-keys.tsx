import { VisuallyHidden } from '@mantine/core'
import { t } from '../../strings/t.ts'

/** Names the description that every item of the canvas has. */
export const describedByKeys = { 'aria-describedby': 'canvas-item-keys' } as const

/** What screen readers say of the keys of an item, and of where the keys have moved it. */
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
