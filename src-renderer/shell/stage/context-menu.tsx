import { useClickOutside } from '@mantine/hooks'
import { Fragment, type KeyboardEvent, useLayoutEffect } from 'react'
import { useStore } from 'zustand'
import { useReturnedFocus } from '../../canvas/view/use-returned-focus.ts'
import { closeContextMenu, contextMenu, type MenuItem } from '../../store/context-menu.ts'
import { t } from '../../strings/t.ts'
import styles from './context-menu.module.css'

/** From the place of an item among so many to that of the next one. */
type Move = (place: number, count: number) => number

const moves: ReadonlyMap<string, Move> = new Map<string, Move>([
  ['ArrowDown', (place, count) => (place + 1) % count],
  ['ArrowUp', (place, count) => (place <= 0 ? count : place) - 1],
  ['Home', () => 0],
  ['End', (_, count) => count - 1],
])

/** The menu that was asked for with the right button or the menu key. */
export function ContextMenu() {
  const menu = useStore(contextMenu, (state) => state.menu)
  return menu && <OpenMenu key={`${menu.screen.x} ${menu.screen.y}`} {...menu} />
}

type OpenMenuProps = NonNullable<ReturnType<typeof contextMenu.getState>['menu']>

function OpenMenu({ screen, sections }: OpenMenuProps) {
  const box = useClickOutside<HTMLDivElement>(closeContextMenu)
  useReturnedFocus()
  useLayoutEffect(() => {
    const { current } = box
    if (!current) return
    // Where it fits whole.
    const { width, height } = current.getBoundingClientRect()
    current.style.left = `${Math.max(4, Math.min(screen.x, innerWidth - width - 4))}px`
    current.style.top = `${Math.max(4, Math.min(screen.y, innerHeight - height - 4))}px`
    itemsIn(current)[0]?.focus()
  }, [box, screen])
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const items = itemsIn(event.currentTarget)
    const focused = document.activeElement
    const place = focused instanceof HTMLButtonElement ? items.indexOf(focused) : -1
    const move = moves.get(event.key)
    event.stopPropagation()
    if (move) items[move(place, items.length)]?.focus()
    else if (event.key === 'Escape' || event.key === 'Tab') closeContextMenu()
    else if (event.key.length === 1 && event.key !== ' ') startingWith(event.key, items, place)?.focus()
    else return
    event.preventDefault()
  }
  return (
    <div
      ref={box}
      className={styles.menu}
      role="menu"
      tabIndex={-1}
      aria-label={t('canvas.menu.label')}
      onKeyDown={onKeyDown}
      onContextMenu={(event) => event.preventDefault()}
    >
      {sections.map((items, section) => (
        <Fragment key={items[0]?.id}>
          {section > 0 && <hr className={styles.line} />}
          {items.map((item) => (
            <Item key={item.id} {...item} />
          ))}
        </Fragment>
      ))}
    </div>
  )
}

const Item = ({ label, icon: Icon, keys, perform }: MenuItem) => (
  <button
    type="button"
    className={styles.item}
    role="menuitem"
    tabIndex={-1}
    onPointerMove={({ currentTarget }) => currentTarget.focus()}
    onClick={() => {
      closeContextMenu()
      perform()
    }}
  >
    <span className={styles.icon}>{Icon && <Icon size={14} aria-hidden />}</span>
    <span>{label}</span>
    {keys !== undefined && <kbd className={styles.keys}>{keys}</kbd>}
  </button>
)

const itemsIn = (menu: HTMLElement): HTMLButtonElement[] => [
  ...menu.querySelectorAll<HTMLButtonElement>('[role="menuitem"]'),
]

/** The next item whose name begins with a letter. */
function startingWith(letter: string, items: readonly HTMLButtonElement[], place: number) {
  const ahead = [...items.slice(place + 1), ...items.slice(0, place + 1)]
  return ahead.find(({ textContent }) => textContent.toLowerCase().startsWith(letter.toLowerCase()))
}
