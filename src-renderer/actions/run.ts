import { ArrowDownToDot, ListStart, Play, Radio, Square } from 'lucide-react'
import { setLive } from '../run/live.ts'
import { interrupt, run, runTo } from '../run/run-control.ts'
import { runningJob } from '../run/running-job.ts'
import { jobs } from '../store/jobs.ts'
import { flatId } from '../store/view-store.ts'
import { t } from '../strings/t.ts'
import type { Action } from './action.ts'
import { hasNodes, hasTab, withScene } from './on-tab.ts'

export const runActions: readonly Action[] = [
  {
    id: 'run.run',
    group: 'run',
    label: () => t('actions.run.run'),
    icon: Play,
    keywords: ['queue', 'generate', 'render'],
    shortcuts: ['mod+enter'],
    inFields: true,
    enabled: hasTab,
    perform: withScene(({ tab }) => run(tab)),
  },
  {
    id: 'run.first',
    group: 'run',
    label: () => t('actions.run.first'),
    icon: ListStart,
    shortcuts: ['mod+shift+enter'],
    inFields: true,
    enabled: hasTab,
    perform: withScene(({ tab }) => run(tab, { first: true })),
  },
  {
    id: 'run.to-node',
    group: 'run',
    label: () => t('actions.run.toNode'),
    icon: ArrowDownToDot,
    keywords: ['until', 'partial'],
    shortcuts: ['alt+enter'],
    enabled: hasNodes,
    perform: withScene(({ tab, nodes }) =>
      runTo(
        tab,
        nodes.map((node) => flatId(tab.view.getState(), node)),
      ),
    ),
  },
  {
    id: 'run.interrupt',
    group: 'run',
    label: () => t('actions.run.interrupt'),
    icon: Square,
    keywords: ['stop', 'cancel'],
    shortcuts: ['mod+alt+enter'],
    inFields: true,
    enabled: () => runningJob(jobs.getState()) !== undefined,
    perform: () => interrupt(),
  },
  {
    id: 'run.live',
    group: 'run',
    label: ({ tab }) => t(tab?.run.getState().live ? 'actions.run.liveOff' : 'actions.run.liveOn'),
    icon: Radio,
    keywords: ['follow', 'real time'],
    shortcuts: ['mod+l'],
    inFields: true,
    enabled: hasTab,
    perform: withScene(({ tab }) => setLive(tab, !tab.run.getState().live)),
  },
]
