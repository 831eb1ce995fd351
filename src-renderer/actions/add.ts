import { Frame, Plus, StickyNote, Waypoints } from 'lucide-react'
import { openNodeSearch } from '../canvas/search/open.ts'
import { addFreely } from '../canvas/view/place.ts'
import { pointedPlace } from '../canvas/view/pointer.ts'
import { sizesOf } from '../canvas/view/sizes.ts'
import { canvasCentre, screenPointOf } from '../canvas/view/viewport.ts'
import { addFrame } from '../commands/frames.ts'
import { commitTo } from '../store/context.ts'
import { nodeAt } from '../store/graph.ts'
import { signatureIn } from '../store/signatures.ts'
import { openDialog } from '../store/ui.ts'
import { t } from '../strings/t.ts'
import type { Action } from './action.ts'
import { hasOneNode, hasTab, withScene } from './on-tab.ts'

export const addActions: readonly Action[] = [
  {
    id: 'add.node',
    group: 'add',
    label: () => t('actions.add.node'),
    icon: Plus,
    keywords: ['search', 'insert', 'create'],
    shortcuts: ['shift+a', 'tab'],
    enabled: hasTab,
    perform: () => openNodeSearch(screenPointOf(pointedPlace() ?? canvasCentre()), { free: true }),
  },
  {
    id: 'add.link',
    group: 'add',
    label: () => t('actions.add.link'),
    icon: Waypoints,
    keywords: ['connect', 'wire'],
    shortcuts: ['f'],
    enabled: hasOneNode,
    perform: withScene(({ workflow, level, nodes: [id] }) => {
      const node = id === undefined ? undefined : nodeAt(workflow, level, id)
      if (id === undefined || !node) return
      const [output] = Object.keys(signatureIn(workflow, node)?.outputs ?? {})
      const [input] = Object.keys(signatureIn(workflow, node)?.inputs ?? {})
      if (output !== undefined) openDialog({ kind: 'connect', from: { node: id, port: output, side: 'output' } })
      else if (input !== undefined) openDialog({ kind: 'connect', from: { node: id, port: input, side: 'input' } })
    }),
  },
  {
    id: 'add.note',
    group: 'add',
    label: () => t('actions.add.note'),
    icon: StickyNote,
    keywords: ['comment', 'markdown'],
    enabled: hasTab,
    perform: withScene(({ tab }) => addFreely(tab, 'note')),
  },
  {
    id: 'add.frame',
    group: 'add',
    label: () => t('actions.add.frame'),
    icon: Frame,
    keywords: ['group', 'box'],
    shortcuts: ['mod+j'],
    enabled: hasTab,
    perform: withScene(({ tab, workflow, level, selection }) => {
      if (selection.length === 0) addFreely(tab, 'frame')
      else commitTo(tab, addFrame(workflow, level, selection, sizesOf(tab)))
    }),
  },
]
