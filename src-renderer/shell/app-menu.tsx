import { ActionIcon, Menu } from '@mantine/core'
import { Menu as MenuIcon } from 'lucide-react'
import type { Action, ActionGroup } from '../actions/action.ts'
import { perform } from '../actions/perform.ts'
import { actions } from '../actions/registry.ts'
import { chordsOf } from '../actions/shortcuts.ts'
import { useActiveTab } from '../store/use-active-tab.ts'
import { t } from '../strings/t.ts'
import { printChord } from '../ui/chord.ts'
import { MenuKeys } from '../ui/menu-keys.tsx'
import styles from './app-menu.module.css'

const byGroup = Map.groupBy(actions, ({ group }) => group)

/** A menu of all actions by group. */
export function AppMenu() {
  return (
    <Menu position="bottom-start" width={160}>
      <Menu.Target>
        <ActionIcon size={28} aria-label={t('shell.top.menu')}>
          <MenuIcon size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {[...byGroup].map(([group, members]) => (
          <GroupMenu key={group} group={group} members={members} />
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function GroupMenu({ group, members }: { group: ActionGroup; members: readonly Action[] }) {
  return (
    <Menu.Sub openDelay={80} closeDelay={160}>
      <Menu.Sub.Target>
        <Menu.Sub.Item>{t(`actions.groups.${group}`)}</Menu.Sub.Item>
      </Menu.Sub.Target>
      <Menu.Sub.Dropdown className={styles.group}>
        {members.map((action) => (
          <ActionItem key={action.id} action={action} />
        ))}
      </Menu.Sub.Dropdown>
    </Menu.Sub>
  )
}

function ActionItem({ action }: { action: Action }) {
  const context = { tab: useActiveTab() }
  const [chord] = chordsOf(action)
  const Icon = action.icon
  return (
    <Menu.Item
      leftSection={Icon ? <Icon size={14} aria-hidden /> : <span className={styles.noIcon} />}
      rightSection={chord && <MenuKeys>{printChord(chord)}</MenuKeys>}
      disabled={action.enabled?.(context) === false}
      onClick={() => perform(action, context)}
    >
      {action.label(context)}
    </Menu.Item>
  )
}
