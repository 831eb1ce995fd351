import {
  AlignCenterHorizontal,
  AlignCenterVertical,
  AlignEndHorizontal,
  AlignEndVertical,
  AlignHorizontalDistributeCenter,
  AlignStartHorizontal,
  AlignStartVertical,
  AlignVerticalDistributeCenter,
  ChevronsDownUp,
  CircleSlash2,
  Component,
  Group,
  type LucideIcon,
  Route,
  Ungroup,
  VolumeX,
  Workflow as WorkflowIcon,
} from 'lucide-react'
import { subgraphOf } from '#core/workflow/subgraphs.ts'
import { arrangeAutomatically } from '../canvas/layout/arrange.ts'
import { sizesOf } from '../canvas/view/sizes.ts'
import { type Alignment, align, type Direction, distribute } from '../commands/arrange.ts'
import { collapseToSubgraph } from '../commands/collapse.ts'
import { expandSubgraph } from '../commands/expand.ts'
import { setCollapsed, setNodeState } from '../commands/nodes.ts'
import { nodeAt } from '../store/graph.ts'
import { enterSubgraph, leaveSubgraph } from '../store/levels.ts'
import { t } from '../strings/t.ts'
import type { Action, ActionContext } from './action.ts'
import { committing, hasNodes, hasSeveral, hasTab, type Scene, sceneOf, withScene } from './on-tab.ts'

const alignments: Readonly<Record<Alignment, LucideIcon>> = {
  left: AlignStartVertical,
  centre: AlignCenterVertical,
  right: AlignEndVertical,
  top: AlignStartHorizontal,
  middle: AlignCenterHorizontal,
  bottom: AlignEndHorizontal,
}

const directions: Readonly<Record<Direction, LucideIcon>> = {
  horizontal: AlignHorizontalDistributeCenter,
  vertical: AlignVerticalDistributeCenter,
}

const nodeOf = ({ workflow, level }: Scene, id: string) => nodeAt(workflow, level, id)

/** Mutes or bypasses the selected nodes, or enables them if all are in this state. */
const toggling = (state: 'mute' | 'bypass') =>
  committing((scene) => {
    const { workflow, level, nodes } = scene
    const already = nodes.every((id) => nodeOf(scene, id)?.state === state)
    return setNodeState(workflow, level, nodes, already ? 'on' : state)
  })

function isOnSubgraph({ tab }: ActionContext): boolean {
  if (!tab) return false
  const scene = sceneOf(tab)
  const [id] = scene.nodes
  const node = id === undefined ? undefined : nodeOf(scene, id)
  return scene.nodes.length === 1 && node !== undefined && subgraphOf(node.type) !== undefined
}

export const arrangeActions: readonly Action[] = [
  {
    id: 'arrange.layout',
    group: 'arrange',
    label: () => t('actions.arrange.layout'),
    icon: WorkflowIcon,
    keywords: ['tidy', 'auto', 'clean'],
    shortcuts: ['l'],
    enabled: hasTab,
    perform: withScene(({ tab }) => arrangeAutomatically(tab)),
  },
  {
    id: 'arrange.mute',
    group: 'arrange',
    label: () => t('actions.arrange.mute'),
    icon: VolumeX,
    shortcuts: ['m', 'mod+m'],
    enabled: hasNodes,
    perform: toggling('mute'),
  },
  {
    id: 'arrange.bypass',
    group: 'arrange',
    label: () => t('actions.arrange.bypass'),
    icon: Route,
    shortcuts: ['mod+b'],
    enabled: hasNodes,
    perform: toggling('bypass'),
  },
  {
    id: 'arrange.collapse',
    group: 'arrange',
    label: () => t('actions.arrange.collapse'),
    icon: ChevronsDownUp,
    shortcuts: ['alt+c', 'h'],
    enabled: hasNodes,
    perform: committing((scene) => {
      const { workflow, level, nodes } = scene
      const already = nodes.every((id) => nodeOf(scene, id)?.collapsed === true)
      return setCollapsed(workflow, level, nodes, !already)
    }),
  },
  {
    id: 'arrange.subgraph',
    group: 'arrange',
    label: () => t('actions.arrange.subgraph'),
    icon: Group,
    keywords: ['group', 'nest'],
    shortcuts: ['mod+g', 'mod+shift+e'],
    enabled: hasNodes,
    perform: committing(({ tab, workflow, level, nodes }) =>
      collapseToSubgraph(workflow, level, nodes, t('actions.arrange.subgraphName'), sizesOf(tab)),
    ),
  },
  {
    id: 'arrange.expand',
    group: 'arrange',
    label: () => t('actions.arrange.expand'),
    icon: Ungroup,
    keywords: ['flatten', 'ungroup', 'unpack'],
    shortcuts: ['mod+alt+g'],
    enabled: isOnSubgraph,
    perform: committing(({ workflow, level, nodes: [id] }) =>
      id === undefined ? undefined : expandSubgraph(workflow, level, id),
    ),
  },
  {
    id: 'arrange.enter',
    group: 'arrange',
    label: () => t('actions.arrange.enter'),
    icon: Component,
    shortcuts: ['mod+arrowdown'],
    enabled: isOnSubgraph,
    perform: withScene(({ tab, nodes: [id] }) => {
      if (id !== undefined) enterSubgraph(tab, id)
    }),
  },
  {
    id: 'arrange.leave',
    group: 'arrange',
    label: () => t('actions.arrange.leave'),
    icon: CircleSlash2,
    shortcuts: ['mod+arrowup'],
    enabled: ({ tab }) => (tab?.view.getState().trail.length ?? 0) > 0,
    perform: withScene(({ tab }) => leaveSubgraph(tab)),
  },
  ...(Object.entries(alignments) as [Alignment, LucideIcon][]).map(
    ([alignment, icon]): Action => ({
      id: `arrange.align-${alignment}`,
      group: 'arrange',
      label: () => t(`actions.arrange.align.${alignment}`),
      icon,
      enabled: hasSeveral,
      perform: committing(({ tab, workflow, level, selection }) =>
        align(workflow, level, selection, alignment, sizesOf(tab)),
      ),
    }),
  ),
  ...(Object.entries(directions) as [Direction, LucideIcon][]).map(
    ([direction, icon]): Action => ({
      id: `arrange.distribute-${direction}`,
      group: 'arrange',
      label: () => t(`actions.arrange.distribute.${direction}`),
      icon,
      enabled: hasSeveral,
      perform: committing(({ tab, workflow, level, selection }) =>
        distribute(workflow, level, selection, direction, sizesOf(tab)),
      ),
    }),
  ),
]
