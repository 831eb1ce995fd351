import type { DesktopMenu } from '#core/protocol/desktop.ts'
import type { DocumentInfo } from '#core/protocol/routes.ts'
import type { Action, ActionContext } from '../actions/action.ts'
import { actions } from '../actions/registry.ts'
import { chordsOf } from '../actions/shortcuts.ts'
import { t } from '../strings/t.ts'
import type { Chord } from '../ui/chord.ts'

/** What the native menu depends on. */
export interface MenuState extends ActionContext {
  /** A text field has the focus. */
  readonly typing: boolean
  /** Documents that were opened lately, the last one first. */
  readonly recent: readonly Pick<DocumentInfo, 'id' | 'name' | 'place'>[]
}

type Item = DesktopMenu['items'][number]

/** Documents in the menu of recent ones. */
const maxRecent = 10

/** Actions that a line of the menu stands above. */
export const sections: ReadonlySet<string> = new Set([
  'file.save',
  'file.share',
  'file.close',
  'file.show-in-folder',
  'edit.cut',
  'edit.duplicate',
  'edit.restore-picture',
  'view.minimap',
  'view.gallery',
  'view.larger',
  'view.full-screen',
  'arrange.mute',
  'arrange.subgraph',
  'arrange.align-left',
  'arrange.distribute-horizontal',
  'run.interrupt',
  'help.about',
  'help.log',
])

/** Every action by group, as the window's native menu. */
export function desktopMenus(state: MenuState): DesktopMenu[] {
  const groups = Map.groupBy(actions, ({ group }) => group)
  return [...groups].map(([group, members]) => ({
    label: t(`actions.groups.${group}`),
    items: members.flatMap((action) => [
      ...(sections.has(action.id) ? [{ kind: 'separator' } as const] : []),
      itemOf(action, state),
      ...(action.id === 'file.open' ? [recentItem(state)] : []),
    ]),
  }))
}

function itemOf(action: Action, state: MenuState): Item {
  const [chord] = chordsOf(action)
  return {
    kind: 'action',
    action: action.id,
    label: action.label(state),
    enabled: (state.typing && action.inText !== undefined) || (action.enabled?.(state) ?? true),
    ...(chord !== undefined && { accelerator: acceleratorOf(chord) }),
  }
}

const recentItem = ({ recent }: MenuState): Item => ({
  kind: 'documents',
  label: t('actions.file.openRecent'),
  documents: recent.slice(0, maxRecent).map(({ id, name, place }) => ({ id, label: `${name} – ${place}` })),
})

const names: Readonly<Record<string, string>> = {
  mod: 'CmdOrCtrl',
  arrowup: 'Up',
  arrowdown: 'Down',
  arrowleft: 'Left',
  arrowright: 'Right',
  pageup: 'PageUp',
  pagedown: 'PageDown',
}

/** A chord in Electron's notation: "CmdOrCtrl+Shift+Enter". */
export const acceleratorOf = (chord: Chord): string =>
  chord
    .split('+')
    .map((part) => names[part] ?? part.charAt(0).toUpperCase() + part.slice(1))
    .join('+')
