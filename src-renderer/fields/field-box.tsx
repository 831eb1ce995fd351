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
  /** Places the control below the label instead of beside it. */
  readonly stacked?: boolean
  /** Shown at the end of the label. */
  readonly aside?: ReactNode
  /** Filled fraction of the box, 0 to 1. */
  readonly share?: number | undefined
  /** Shown at the bottom, if there is room. */
  readonly below?: ReactNode
  /** Called for the wheel while the field has the focus. */
  readonly onWheel?: (event: WheelEvent) => void
}

/** The label, the control and the problem of a field. */
export function FieldBox({ field, children, stacked, aside, share, below, onWheel, ...handlers }: FieldBoxProps) {
  const { id, label, port, place, problem, isDefault } = field
  const box = useRef<HTMLFieldSetElement>(null)
  const [focused, setFocused] = useState(false)
  useListener(box, 'wheel', focused && onWheel !== undefined, (event) => onWheel?.(event))
  useTravel(box, focused)
  // an empty default, such as no text or no file, is not worth a reset button
  const resettable = port.default !== undefined && port.default !== ''
  const sentence = problem && [problem.message, problem.hint].filter(Boolean).join(' ')
  return (
    <div className={styles.field} data-place={place}>
      <fieldset
        ref={box}
        aria-label={label}
        // without the focus, the wheel zooms the canvas as usual
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
