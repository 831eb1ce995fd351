import { Menu } from '@mantine/core'
import { X } from 'lucide-react'
import { type KeyboardEvent, useState } from 'react'
import { useStore } from 'zustand'
import { type Tab, workspace } from '../store/workspace.ts'
import { t } from '../strings/t.ts'
import { reorderable } from '../ui/reorderable.ts'
import { activate, moveTab, requestClose } from '../workspace/tabs.ts'
import { useTitle } from '../workspace/title.ts'
import styles from './document-tab.module.css'
import { RenameField } from './rename-field.tsx'

/** The tab of a document: activates, closes, renames and moves it. */
export function DocumentTab({ tab, place }: { tab: Tab; place: number }) {
  const title = useTitle(tab)
  const active = useStore(workspace, (state) => state.active === tab.id)
  const file = useStore(workspace, ({ files }) => files.get(tab.id)?.name)
  const unsaved = useStore(tab.document, () => tab.document.isUnsaved())
  const [renaming, setRenaming] = useState(false)
  const rename = () => setRenaming(true)
  const close = () => requestClose(tab.id)
  const moveLeft = () => moveTab(tab.id, place - 1)
  const moveRight = () => moveTab(tab.id, place + 1)
  const keys = new Map([
    ['F2', rename],
    ['Delete', close],
    ['Shift+ArrowLeft', moveLeft],
    ['Shift+ArrowRight', moveRight],
  ])
  if (renaming) return <RenameField tab={tab} title={title} onDone={() => setRenaming(false)} />
  return (
    <li className={styles.tab} data-active={active || undefined}>
      <Menu width={180}>
        <Menu.ContextMenu>
          <button
            type="button"
            className={styles.title}
            aria-current={active ? 'page' : undefined}
            title={file}
            onClick={() => activate(tab.id)}
            onDoubleClick={rename}
            onAuxClick={(event) => event.button === 1 && close()}
            onKeyDown={(event) => onKey(event, keys)}
            {...reorderable('tab', tab.id, (dragged) => moveTab(dragged, place))}
          >
            <span className={styles.name}>{title}</span>
            {unsaved && <span className={styles.unsaved} role="img" aria-label={t('shell.tabs.unsaved')} />}
          </button>
        </Menu.ContextMenu>
        <Menu.Dropdown>
          <Menu.Item onClick={rename}>{t('shell.tabs.rename')}</Menu.Item>
          <Menu.Item onClick={moveLeft}>{t('shell.tabs.left')}</Menu.Item>
          <Menu.Item onClick={moveRight}>{t('shell.tabs.right')}</Menu.Item>
          <Menu.Item onClick={close}>{t('shell.dialogs.close')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <button type="button" className={styles.close} aria-label={t('shell.tabs.close', { title })} onClick={close}>
        <X size={14} aria-hidden />
      </button>
    </li>
  )
}

function onKey(event: KeyboardEvent, keys: ReadonlyMap<string, () => void>): void {
  const perform = keys.get(event.shiftKey ? `Shift+${event.key}` : event.key)
  if (!perform) return
  event.preventDefault()
  event.stopPropagation()
  perform()
}
