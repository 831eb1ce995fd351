import type { Workflow } from '#core/workflow/document.ts'
import type { Command } from '../store/command.ts'
import { t } from '../strings/t.ts'

/** Sets the document's name. An empty name removes it. */
export function renameDocument(_workflow: Workflow, name: string): Command {
  const wanted = name.trim()
  return {
    label: t('commands.renameDocument'),
    apply: (draft) => {
      if (wanted === '') delete draft.name
      else draft.name = wanted
    },
  }
}
