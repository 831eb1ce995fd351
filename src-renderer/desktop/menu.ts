import type { DesktopMenu } from '#core/protocol/desktop.ts'
import type { ActionContext } from '../actions/action.ts'
import { actions } from '../actions/registry.ts'
import { chordsOf } from '../actions/shortcuts.ts'
import { t } from '../strings/t.ts'
import type { Chord } from '../ui/chord.ts'

/** Every action by group, as the window's native menu. */
export function desktopMenus(context: ActionContext): DesktopMenu[] {
  const groups = Map.groupBy(actions, ({ group }) => group)
  return [...groups].map(([group, members]) => ({
    label: t(`actions.groups.${group}`),
    items: members.map((action) => {
      const [chord] = chordsOf(action)
      return {
        action: action.id,
        label: action.label(context),
        enabled: action.enabled?.(context) ?? true,
        ...(chord !== undefined && { accelerator: acceleratorOf(chord) }),
      }
    }),
  }))
}

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
