import { Button, Menu, Tooltip } from '@mantine/core'
import { ChevronDown, CircleStop, Play, Radio } from 'lucide-react'
import { useStore } from 'zustand'
import { setLive } from '../run/live.ts'
import { interrupt, run, runTo } from '../run/run-control.ts'
import { runningJob } from '../run/running-job.ts'
import { itemOf } from '../store/graph.ts'
import { jobs } from '../store/jobs.ts'
import { ui } from '../store/ui.ts'
import { useActiveTab } from '../store/use-active-tab.ts'
import { flatId } from '../store/view-store.ts'
import type { Tab } from '../store/workspace.ts'
import { t } from '../strings/t.ts'
import { IconButton } from '../ui/icon-button.tsx'
import { showError } from '../ui/notices.ts'
import styles from './run-controls.module.css'

/** Buttons that run the active document and stop the running job. */
export function RunControls() {
  const tab = useActiveTab()
  const running = useStore(jobs, (state) => runningJob(state) !== undefined)
  return (
    <div className={styles.controls}>
      {tab && <LiveToggle tab={tab} />}
      {tab && <RunButton tab={tab} />}
      <IconButton
        icon={CircleStop}
        label={t('shell.top.interrupt')}
        disabled={!running}
        onClick={() => interrupt().catch(showError)}
      />
      <QueueCount />
    </div>
  )
}

function LiveToggle({ tab }: { tab: Tab }) {
  const live = useStore(tab.run, (state) => state.live)
  return (
    <Tooltip label={t('shell.top.liveHint')}>
      <Button
        variant={live ? 'filled' : 'default'}
        leftSection={<Radio size={14} aria-hidden />}
        aria-pressed={live}
        onClick={() => setLive(tab, !live)}
      >
        {t('shell.top.live')}
      </Button>
    </Tooltip>
  )
}

function RunButton({ tab }: { tab: Tab }) {
  const selected = useStore(tab.view, ({ selection }) => selection.size > 0)
  return (
    <Button.Group>
      <Tooltip label={t('shell.top.runHint')}>
        <Button leftSection={<Play size={13} aria-hidden />} onClick={() => run(tab).catch(showError)}>
          {t('shell.top.run')}
        </Button>
      </Tooltip>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button className={styles.more} aria-label={t('shell.top.runMore')}>
            <ChevronDown size={14} aria-hidden />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => run(tab, { first: true }).catch(showError)}>{t('shell.top.runFirst')}</Menu.Item>
          <Menu.Item disabled={!selected} onClick={() => runTo(tab, selectedNodes(tab)).catch(showError)}>
            {t('shell.top.runToNode')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Button.Group>
  )
}

/** Flat ids of the selected nodes, without frames and notes. */
function selectedNodes({ view }: Tab): string[] {
  const state = view.getState()
  return [...state.selection].filter((key) => itemOf(key).kind === 'node').map((id) => flatId(state, id))
}

function QueueCount() {
  const count = useStore(jobs, (state) => state.order.length + (runningJob(state) ? 1 : 0))
  const label = t('shell.top.queue', { count })
  return (
    <Tooltip label={label}>
      <Button variant="subtle" color="gray" aria-label={label} onClick={() => ui.setState({ right: 'queue' })}>
        <span className={styles.count} data-busy={count > 0 || undefined}>
          {count}
        </span>
      </Button>
    </Tooltip>
  )
}
