import { ActionIcon, type FloatingPosition, Tooltip } from '@mantine/core'
import type { LucideIcon } from 'lucide-react'
import styles from './icon-button.module.css'

interface IconButtonProps {
  readonly icon: LucideIcon
  /** Its accessible name, shown as a tooltip. */
  readonly label: string
  readonly onClick: () => void
  /** For a button that stays down. */
  readonly pressed?: boolean
  readonly disabled?: boolean
  /** Side of the tooltip. */
  readonly side?: FloatingPosition
}

/** A button that shows an icon alone. */
export function IconButton({ icon: Icon, label, onClick, pressed, disabled, side = 'bottom' }: IconButtonProps) {
  return (
    <Tooltip label={label} position={side}>
      <ActionIcon
        size={28}
        className={styles.button}
        variant={pressed ? 'light' : 'subtle'}
        color={pressed ? undefined : 'gray'}
        aria-label={label}
        aria-pressed={pressed}
        disabled={disabled}
        onClick={onClick}
      >
        <Icon size={16} strokeWidth={1.75} aria-hidden />
      </ActionIcon>
    </Tooltip>
  )
}
