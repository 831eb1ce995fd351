import { RotateCcw } from 'lucide-react'
import { type ComponentProps, type CSSProperties, type ReactNode, useRef, useState } from 'react'
import { useTab } from '../store/context.ts'
import { redoIn, undoIn } from '../store/history.ts'
import { t } from '../strings/t.ts'
import { type FieldState, problemId } from './control.ts'
import styles from './fields.module.css'
import { useListener } from './use-listener.ts'

interface FieldBoxProps extends Pick<ComponentProps<'div'>, 'onPointerDown' | 'onPointerMove' | 'onPointerUp'> {
  readonly field: FieldState
  readonly children: ReactNode
  /** Lies below the label instead of beside it. */
  readonly stacked?: boolean
  /** Stands at the end of the label. */
  readonly aside?: ReactNode
  /** Part of the box that is filled, 0 to 1. */
  readonly share?: number | undefined
  /** Turns of the wheel while the field has the focus. */
  readonly onWheel?: (event: WheelEvent) => void
}

/** The label of a field, its control, and what is wrong with it. */
export function FieldBox({ field, children, stacked, aside, share, onWheel, ...handlers }: FieldBoxProps) {
  const { id, label, port, place, problem, isDefault } = field
  const tab = useTab()
  const box = useRef<HTMLDivElement>(null)
  const [focused, setFocused] = useState(false)
  useListener(box, 'wheel', focused && onWheel !== undefined, (event) => onWheel?.(event))
  // The browser knows nothing of what else has changed, so its undo is that of the document.
  useListener(box, 'beforeinput', focused, (event) => {
    if (event.inputType !== 'historyUndo' && event.inputType !== 'historyRedo') return
    event.preventDefault()
    if (event.inputType === 'historyUndo') undoIn(tab)
    else redoIn(tab)
  })
  const sentence = problem && [problem.message, problem.hint].filter(Boolean).join(' ')
  return (
    <div className={styles.field} data-place={place}>
      <div
        ref={box}
        // A wheel over a field that has no focus zooms the canvas as everywhere.
        className={`${styles.box} nodrag nopan${focused ? ' nowheel' : ''}`}
        data-stacked={stacked}
        data-invalid={problem !== undefined}
        data-default={isDefault}
        data-filled={share !== undefined}
        style={share === undefined ? undefined : ({ '--share': share } as CSSProperties)}
        title={sentence ?? port.description}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        {...handlers}
      >
        <div className={styles.head}>
          <label htmlFor={id} className={styles.label} onDoubleClick={field.reset}>
            {label}
          </label>
          {aside}
        </div>
        {children}
      </div>
      {place === 'panel' && !isDefault && port.default !== undefined && (
        <button
          type="button"
          className={styles.reset}
          aria-label={t('fields.reset', { label })}
          title={t('fields.resetTo', { value: String(port.default) })}
          onClick={() => {
            field.reset()
            field.end()
          }}
        >
          <RotateCcw size={13} aria-hidden />
        </button>
      )}
      {sentence && (
        <span id={problemId(id)} className={place === 'panel' ? styles.problem : styles.hidden}>
          {sentence}
        </span>
      )}
    </div>
  )
}
