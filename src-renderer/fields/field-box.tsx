import { RotateCcw } from 'lucide-react'
import { type ComponentProps, type CSSProperties, type ReactNode, useRef, useState } from 'react'
import { t } from '../strings/t.ts'
import { type FieldState, problemId } from './control.ts'
import styles from './fields.module.css'
import { useListener } from './use-listener.ts'
import { useTravel } from './use-travel.ts'

type Handlers = 'onPointerDown' | 'onPointerMove' | 'onPointerUp' | 'onPaste' | 'onDragOver' | 'onDrop'

interface FieldBoxProps extends Pick<ComponentProps<'fieldset'>, Handlers> {
  readonly field: FieldState
  readonly children: ReactNode
  /** Lies below the label instead of beside it. */
  readonly stacked?: boolean
  /** Stands at the end of the label. */
  readonly aside?: ReactNode
  /** Part of the box that is filled, 0 to 1. */
  readonly share?: number | undefined
  /** Stands below all, where there is room. */
  readonly below?: ReactNode
  /** Turns of the wheel while the field has the focus. */
  readonly onWheel?: (event: WheelEvent) => void
}

/** The label of a field, its control, and what is wrong with it. */
export function FieldBox({ field, children, stacked, aside, share, below, onWheel, ...handlers }: FieldBoxProps) {
  const { id, label, port, place, problem, isDefault } = field
  const box = useRef<HTMLFieldSetElement>(null)
  const [focused, setFocused] = useState(false)
  useListener(box, 'wheel', focused && onWheel !== undefined, (event) => onWheel?.(event))
  useTravel(box, focused)
  // To empty a text, or to choose no file, is no going back to a default.
  const resettable = port.default !== undefined && port.default !== ''
  const sentence = problem && [problem.message, problem.hint].filter(Boolean).join(' ')
  return (
    <div className={styles.field} data-place={place}>
      <fieldset
        ref={box}
        aria-label={label}
        // A wheel over a field that has no focus zooms the canvas as everywhere.
        className={`${styles.box} nodrag nopan nokey${focused ? ' nowheel' : ''}`}
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
          <label htmlFor={id} className={styles.label} onDoubleClick={resettable ? field.reset : undefined}>
            {label}
          </label>
          {aside}
        </div>
        {children}
      </fieldset>
      {place === 'panel' && resettable && !isDefault && (
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
      {place === 'panel' && below}
    </div>
  )
}
