import { Button, Modal, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useStore } from 'zustand'
import { actions } from '../../actions/registry.ts'
import { conflicts } from '../../actions/shortcuts.ts'
import { settings } from '../../store/settings.ts'
import { closeDialog } from '../../store/ui.ts'
import { activeTab } from '../../store/workspace.ts'
import { t } from '../../strings/t.ts'
import { ShortcutRow } from './shortcut-row.tsx'
import styles from './shortcuts-dialog.module.css'

/** Lists all actions with their key chords, which can be changed. */
export function ShortcutsDialog() {
  const [search, setSearch] = useState('')
  const own = useStore(settings, ({ shortcuts }) => shortcuts)
  const context = { tab: activeTab() }
  const sharing = conflicts(own)
  const words = search.toLowerCase().split(/\s+/)
  const shown = actions.filter((action) => {
    const text = `${action.label(context)} ${action.keywords?.join(' ') ?? ''}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
  return (
    <Modal
      opened
      onClose={closeDialog}
      title={t('dialogs.shortcuts.title')}
      size="lg"
      // a row that records keys stops their events, so Escape does not close the dialog then
      closeOnEscape={false}
      onKeyDown={({ key }) => key === 'Escape' && closeDialog()}
    >
      <div className={styles.bar}>
        <TextInput
          className={styles.search ?? ''}
          size="xs"
          placeholder={t('dialogs.shortcuts.search')}
          aria-label={t('dialogs.shortcuts.search')}
          value={search}
          onChange={({ currentTarget }) => setSearch(currentTarget.value)}
        />
        <Button
          size="xs"
          variant="default"
          disabled={Object.keys(own).length === 0}
          onClick={() => settings.setState({ shortcuts: {} })}
        >
          {t('dialogs.shortcuts.resetAll')}
        </Button>
      </div>
      <ul className={styles.list}>
        {shown.map((action) => (
          <ShortcutRow key={action.id} action={action} label={action.label(context)} own={own} sharing={sharing} />
        ))}
      </ul>
    </Modal>
  )
}
