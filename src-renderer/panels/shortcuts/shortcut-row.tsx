import { RotateCcw, X } from 'lucide-react'
import { useState } from 'react'
import type { Action } from '../../actions/action.ts'
import { chordsOf, type conflicts } from '../../actions/shortcuts.ts'
import { type Settings, settings } from '../../store/settings.ts'
import { activeTab } from '../../store/workspace.ts'
import { t } from '../../strings/t.ts'
import { chordOf, printChord } from '../../ui/chord.ts'
import { IconButton } from '../../ui/icon-button.tsx'
import styles from './shortcuts-dialog.module.css'

interface Props {
  readonly action: Action
  readonly label: string
  readonly own: Settings['shortcuts']
  /** Actions that share a chord, by chord. */
  readonly sharing: ReturnType<typeof conflicts>
}

/** An action with its chords, and a button that records the next key press as its only chord. */
export function ShortcutRow({ action, label, own, sharing }: Props) {
  const [listening, setListening] = useState(false)
  const chords = chordsOf(action, own)
  const text = listening
    ? t('dialogs.shortcuts.press')
    : chords.map((chord) => printChord(chord)).join(', ') || t('dialogs.shortcuts.none')
  const others = chords.flatMap((chord) => sharing.get(chord) ?? []).filter(({ id }) => id !== action.id)
  return (
    <li className={styles.row}>
      <span className={styles.label}>
        {label}
        {others.length > 0 && (
          <span className={styles.conflict} role="alert">
            {t('dialogs.shortcuts.conflict', {
              others: others.map((other) => other.label({ tab: activeTab() })).join(', '),
            })}
          </span>
        )}
      </span>
      <button
        type="button"
        className={styles.chord}
        aria-label={`${text}. ${t('dialogs.shortcuts.change', { action: label })}`}
        onClick={() => setListening(true)}
        onBlur={() => setListening(false)}
        onKeyDown={(event) => {
          if (!listening) return
          event.preventDefault()
          event.stopPropagation()
          const chord = chordOf(event.nativeEvent)
          if (chord === undefined) return
          setListening(false)
          if (chord !== 'escape') assign(action, [chord])
        }}
      >
        {text}
      </button>
      <IconButton
        icon={X}
        label={t('dialogs.shortcuts.clear')}
        disabled={chords.length === 0}
        onClick={() => assign(action, [])}
      />
      <IconButton
        icon={RotateCcw}
        label={t('dialogs.shortcuts.reset')}
        disabled={own[action.id] === undefined}
        onClick={() => assign(action, undefined)}
      />
    </li>
  )
}

/** Sets the chords of an action. Undefined restores the defaults. */
function assign({ id }: Action, chords: string[] | undefined): void {
  settings.setState(({ shortcuts }) => {
    const { [id]: _, ...others } = shortcuts
    return { shortcuts: chords ? { ...others, [id]: chords } : others }
  })
}
