import { Spotlight, spotlight } from '@mantine/spotlight'
import '@mantine/spotlight/styles.css'
import { useEffect } from 'react'
import { useStore } from 'zustand'
import { perform } from '../../actions/perform.ts'
import { actions } from '../../actions/registry.ts'
import { chordsOf } from '../../actions/shortcuts.ts'
import { ui } from '../../store/ui.ts'
import { activeTab } from '../../store/workspace.ts'
import { t } from '../../strings/t.ts'
import { printChord } from '../../ui/chord.ts'
import styles from './palette.module.css'
import { recentActions, rememberAction } from './recent.ts'

/** The command palette: all actions, recently used ones first. */
export function Palette() {
  const open = useStore(ui, (state) => state.palette)
  const recent = useStore(recentActions)
  useEffect(() => {
    if (open) spotlight.open()
    else spotlight.close()
  }, [open])
  const context = { tab: activeTab() }
  const possible = open ? actions.filter(({ enabled }) => enabled?.(context) ?? true) : []
  const rank = (id: string) => (recent.includes(id) ? recent.indexOf(id) : recent.length)
  return (
    <Spotlight
      onSpotlightClose={() => ui.setState({ palette: false })}
      shortcut={null}
      size={520}
      limit={100}
      attributes={{ content: { 'aria-label': t('dialogs.palette.title') } }}
      classNames={{ actionsList: styles.list ?? '' }}
      nothingFound={t('dialogs.palette.nothing')}
      searchProps={{ placeholder: t('dialogs.palette.search'), 'aria-label': t('dialogs.palette.search') }}
      actions={possible
        .toSorted((a, b) => rank(a.id) - rank(b.id))
        .map((action) => {
          const { id, group, keywords = [], icon: Icon } = action
          const [chord] = chordsOf(action)
          return {
            id,
            label: action.label(context),
            keywords: [...keywords, t(`actions.groups.${group}`)],
            leftSection: <span className={styles.icon}>{Icon && <Icon size={16} aria-hidden />}</span>,
            rightSection: chord && <kbd className={styles.chord}>{printChord(chord)}</kbd>,
            onClick: () => {
              rememberAction(id)
              ui.setState({ palette: false })
              perform(action, context)
            },
          }
        })}
    />
  )
}
