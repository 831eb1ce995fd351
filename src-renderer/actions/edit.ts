import { ClipboardPaste, Copy, CopyPlus, ImageUp, PencilLine, Redo2, Scissors, Trash2, Undo2 } from 'lucide-react'
import { copySelection, cutSelection, deleteSelection, pasteFromClipboard } from '../canvas/drop/clipboard.ts'
import { startRename } from '../canvas/view/rename.ts'
import { duplicate } from '../commands/clipboard.ts'
import { removeItems } from '../commands/nodes.ts'
import { frameKey, type ItemKey, itemOf, noteKey } from '../store/graph.ts'
import { redoIn, undoIn } from '../store/history.ts'
import { deleted, restorePicture } from '../store/pictures.ts'
import { t } from '../strings/t.ts'
import type { Action } from './action.ts'
import { committing, hasNodes, hasSelection, hasTab, type Scene, sceneOf, withScene } from './on-tab.ts'

export const editActions: readonly Action[] = [
  {
    id: 'edit.undo',
    group: 'edit',
    inText: 'undo',
    label: ({ tab }) => t('actions.edit.undo', { what: tab?.document.getState().past.at(-1)?.label ?? '' }).trim(),
    icon: Undo2,
    shortcuts: ['mod+z'],
    enabled: ({ tab }) => (tab?.document.getState().past.length ?? 0) > 0,
    perform: ({ tab }) => void (tab && undoIn(tab)),
  },
  {
    id: 'edit.redo',
    group: 'edit',
    inText: 'redo',
    label: ({ tab }) => t('actions.edit.redo', { what: tab?.document.getState().future[0]?.label ?? '' }).trim(),
    icon: Redo2,
    shortcuts: ['mod+shift+z', 'mod+y'],
    enabled: ({ tab }) => (tab?.document.getState().future.length ?? 0) > 0,
    perform: ({ tab }) => void (tab && redoIn(tab)),
  },
  {
    id: 'edit.cut',
    group: 'edit',
    inText: 'cut',
    label: () => t('actions.edit.cut'),
    icon: Scissors,
    shortcuts: ['mod+x'],
    browserShortcuts: true,
    enabled: hasSelection,
    perform: withScene(({ tab }) => cutSelection(tab)),
  },
  {
    id: 'edit.copy',
    group: 'edit',
    inText: 'copy',
    label: () => t('actions.edit.copy'),
    icon: Copy,
    shortcuts: ['mod+c'],
    browserShortcuts: true,
    enabled: hasSelection,
    perform: withScene(({ tab }) => copySelection(tab)),
  },
  {
    id: 'edit.paste',
    group: 'edit',
    inText: 'paste',
    label: () => t('actions.edit.paste'),
    icon: ClipboardPaste,
    shortcuts: ['mod+v'],
    browserShortcuts: true,
    enabled: hasTab,
    perform: withScene(({ tab }) => pasteFromClipboard(tab)),
  },
  {
    id: 'edit.paste-linked',
    group: 'edit',
    label: () => t('actions.edit.pasteLinked'),
    shortcuts: ['mod+shift+v'],
    enabled: hasTab,
    perform: withScene(({ tab }) => pasteFromClipboard(tab, { keepLinks: true })),
  },
  {
    id: 'edit.duplicate',
    group: 'edit',
    label: () => t('actions.edit.duplicate'),
    icon: CopyPlus,
    shortcuts: ['mod+d'],
    enabled: hasSelection,
    perform: committing(({ workflow, level, selection }) => duplicate(workflow, level, selection)),
  },
  {
    id: 'edit.rename',
    group: 'edit',
    label: () => t('actions.edit.rename'),
    icon: PencilLine,
    shortcuts: ['f2'],
    enabled: ({ tab }) => tab !== undefined && titled(sceneOf(tab)) !== undefined,
    perform: withScene((scene) => {
      const item = titled(scene)
      if (item !== undefined) startRename(scene.tab, item)
    }),
  },
  {
    id: 'edit.delete',
    group: 'edit',
    inText: 'delete',
    label: () => t('actions.edit.delete'),
    icon: Trash2,
    shortcuts: ['delete', 'backspace'],
    enabled: hasSelection,
    perform: withScene(({ tab }) => deleteSelection(tab)),
  },
  {
    id: 'edit.dissolve',
    group: 'edit',
    label: () => t('actions.edit.dissolve'),
    keywords: ['heal', 'reconnect'],
    shortcuts: ['mod+delete', 'mod+backspace'],
    enabled: hasNodes,
    perform: committing(({ workflow, level, selection }) => removeItems(workflow, level, selection, { heal: true })),
  },
  {
    id: 'edit.restore-picture',
    group: 'edit',
    label: () => t('actions.edit.restorePicture'),
    icon: ImageUp,
    keywords: ['undelete', 'undo', 'bin', 'trash', 'gallery'],
    enabled: () => deleted.getState().ids.length > 0,
    perform: async () => {
      const last = deleted.getState().ids.at(-1)
      if (last !== undefined) await restorePicture(last)
    },
  },
  {
    id: 'edit.select-all',
    group: 'edit',
    inText: 'selectAll',
    label: () => t('actions.edit.selectAll'),
    shortcuts: ['mod+a'],
    enabled: hasTab,
    perform: withScene(selectAll),
  },
]

/** The selected item, if it is the only one and has a title. */
function titled({ selection }: Scene): ItemKey | undefined {
  const [key, ...others] = selection
  return key !== undefined && others.length === 0 && itemOf(key).kind !== 'note' ? key : undefined
}

function selectAll({ tab, graph }: Scene): void {
  tab.view.setState({
    selection: new Set([
      ...Object.keys(graph?.nodes ?? {}),
      ...(graph?.frames ?? []).map((_, index) => frameKey(index)),
      ...(graph?.notes ?? []).map((_, index) => noteKey(index)),
    ]),
  })
}
