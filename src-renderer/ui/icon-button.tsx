import { ActionIcon, type FloatingPosition, Tooltip } from '@mantine/core'
import type { LucideIcon } from 'lucide-react'
import styles from './icon-button.module.css'

interface IconButtonProps {
  readonly icon: LucideIcon
  /** Accessible name, also shown as a tooltip. */
  readonly label: string
  readonly onClick: () => void
  /** State of a toggle button. */
  readonly pressed?: boolean
  readonly disabled?: boolean
  /** Side of the tooltip. */
  readonly side?: FloatingPosition
}

/** A button with only an icon. */
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
