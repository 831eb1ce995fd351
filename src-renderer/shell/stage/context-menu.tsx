import { Menu } from '@mantine/core'
import { Fragment } from 'react'
import { useStore } from 'zustand'
import { useReturnedFocus } from '../../canvas/view/use-returned-focus.ts'
import { closeContextMenu, contextMenu, type MenuItem } from '../../store/context-menu.ts'
import { t } from '../../strings/t.ts'
import { MenuKeys } from '../../ui/menu-keys.tsx'
import styles from './context-menu.module.css'

/** The context menu, opened with the right button or the menu key. */
export function ContextMenu() {
  const menu = useStore(contextMenu, (state) => state.menu)
  return menu && <OpenMenu key={`${menu.screen.x} ${menu.screen.y}`} {...menu} />
}

type OpenMenuProps = NonNullable<ReturnType<typeof contextMenu.getState>['menu']>

function OpenMenu({ screen, sections }: OpenMenuProps) {
  // Mantine would take the focus back from a field or dialog that an item has opened
  useReturnedFocus()
  return (
    <Menu
      opened
      onClose={closeContextMenu}
      returnFocus={false}
      // the canvas stops pointer events, so listen in the capture phase
      clickOutsideCapture
      position="bottom-start"
      offset={0}
      transitionProps={{ duration: 0 }}
    >
      <Menu.Target>
        <span aria-hidden className={styles.point} style={{ left: screen.x, top: screen.y }} />
      </Menu.Target>
      <Menu.Dropdown
        className={styles.menu}
        aria-label={t('canvas.menu.label')}
        aria-labelledby={undefined}
        onKeyDown={(event) => event.stopPropagation()}
        onContextMenu={(event) => event.preventDefault()}
      >
        {sections.map((items, section) => (
          <Fragment key={items[0]?.id}>
            {section > 0 && <Menu.Divider />}
            {items.map((item, place) => (
              <Item key={item.id} item={item} isFirst={section === 0 && place === 0} />
            ))}
          </Fragment>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

const Item = ({ item, isFirst }: { readonly item: MenuItem; readonly isFirst: boolean }) => {
  const { label, icon: Icon, keys, perform } = item
  return (
    <Menu.Item
      data-autofocus={isFirst || undefined}
      leftSection={<span className={styles.icon}>{Icon && <Icon size={14} aria-hidden />}</span>}
      rightSection={keys !== undefined && <MenuKeys>{keys}</MenuKeys>}
      onClick={perform}
    >
      {label}
    </Menu.Item>
  )
}
