import i18next from 'i18next'
import { actions } from './en/actions.ts'
import { canvas } from './en/canvas.ts'
import { commands } from './en/commands.ts'
import { dialogs } from './en/dialogs.ts'
import { fields } from './en/fields.ts'
import { library } from './en/library.ts'
import { panels } from './en/panels.ts'
import { pictures } from './en/pictures.ts'
import { shell } from './en/shell.ts'

const english = { actions, canvas, commands, dialogs, fields, library, panels, pictures, shell } as const

type Keys<T> = { [K in keyof T & string]: T[K] extends string ? K : `${K}.${Keys<T[K]>}` }[keyof T & string]

/** The keys of the catalogue. Plural forms count as one key without suffix. */
type Sentence = Keys<typeof english> extends infer K ? (K extends `${infer Base}_${'one' | 'other'}` ? Base : K) : never

void i18next.init({
  lng: 'en',
  resources: { en: { translation: english } },
  interpolation: { escapeValue: false },
})

/** A text of the catalogue with its `{{names}}` filled in. `count` chooses between the forms `_one` and `_other`. */
export const t = (key: Sentence, values: Record<string, string | number> = {}): string =>
  String(i18next.t(key as string, values))
