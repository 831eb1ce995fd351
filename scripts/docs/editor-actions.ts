import { join } from 'node:path'
import { runnerImport } from 'vite'
import { programFolder } from '#main/program.ts'

/** An action of the editor, as listed in the docs. */
export interface ListedAction {
  readonly group: string
  readonly label: string
  /** Key chords to display, with Ctrl as the modifier. */
  readonly keys: readonly string[]
  /** Those that only the desktop window has. */
  readonly windowKeys: readonly string[]
  readonly inWindow: boolean
}

interface Action {
  readonly group: string
  label(context: { readonly tab: undefined }): string
  readonly shortcuts?: readonly string[]
  readonly windowShortcuts?: readonly string[]
  readonly inWindow?: true
}

/** The editor's table of actions, loaded with Vite, because its modules import styles and components. */
export async function listActions(): Promise<readonly ListedAction[]> {
  const { allActions } = await load<{ allActions: readonly Action[] }>('actions/registry.ts')
  const { printChord } = await load<{ printChord(chord: string, mac: boolean): string }>('ui/chord.ts')
  const printed = (chords: readonly string[]) => chords.map((chord) => printChord(chord, false))
  return allActions.map(({ group, label, shortcuts = [], windowShortcuts = [], inWindow = false }) => ({
    group,
    label: label({ tab: undefined }),
    keys: printed(shortcuts),
    windowKeys: printed(windowShortcuts),
    inWindow,
  }))
}

async function load<T>(file: string): Promise<T> {
  const path = join(programFolder, 'src-renderer', file)
  return (await runnerImport<T>(path, { configFile: false, root: programFolder, logLevel: 'error' })).module
}
