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

/** Every action by group, as the window's native menu. */
export function desktopMenus(state: MenuState): DesktopMenu[] {
  const groups = Map.groupBy(actions, ({ group }) => group)
  return [...groups].map(([group, members]) => ({
    label: t(`actions.groups.${group}`),
    items: members.flatMap((action) => {
      const item = itemOf(action, state)
      return action.id === 'file.open' ? [item, recentItem(state)] : [item]
    }),
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
