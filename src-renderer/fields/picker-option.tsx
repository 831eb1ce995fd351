import { ServedImage } from '../ui/served-image.tsx'
import styles from './popover.module.css'

/** An item of a picker. */
export interface PickerItem {
  readonly key: string
  readonly title: string
  readonly detail?: string
  /** URL of its picture; undefined leaves the space empty. */
  readonly picture?: string | undefined
  /** Cannot be chosen; `detail` gives the reason. */
  readonly disabled?: boolean
}

interface PickerOptionProps {
  readonly id: string
  readonly item: PickerItem
  /** Some items of the list have pictures. */
  readonly pictured: boolean
  readonly chosen: boolean
  /** Enter chooses it. */
  readonly active: boolean
  /** Index among all results, and position in the list in pixels. */
  readonly place: { readonly index: number; readonly count: number; readonly top: number; readonly height: number }
  readonly onPoint: (index: number) => void
  readonly onChoose: (key: string) => void
}

/** A row of a picker. The focus stays in the search field. */
export function PickerOption({ id, item, pictured, chosen, active, place, onPoint, onChoose }: PickerOptionProps) {
  const { index, count, top, height } = place
  return (
    <button
      id={id}
      type="button"
      role="option"
      tabIndex={-1}
      aria-selected={chosen}
      aria-setsize={count}
      aria-posinset={index + 1}
      className={styles.option}
      data-active={active}
      aria-disabled={item.disabled}
      title={item.detail}
      style={{ height, transform: `translateY(${top}px)` }}
      onPointerMove={() => onPoint(index)}
      onClick={() => !item.disabled && onChoose(item.key)}
    >
      {pictured &&
        (item.picture ? (
          <ServedImage className={styles.picture} src={item.picture} alt="" />
        ) : (
          <span className={styles.picture} />
        ))}
      <span className={styles.words}>
        <span className={styles.title}>{item.title}</span>
        {item.detail && <span className={styles.detail}>{item.detail}</span>}
      </span>
    </button>
  )
}
