import type { Workflow } from '#core/workflow/document.ts'
import type { Command } from '../store/command.ts'
import { graphAt, type Level, noteKey, type Point, type Size } from '../store/graph.ts'
import { t } from '../strings/t.ts'
import { inGraph } from './edit.ts'

export function addNote(workflow: Workflow, level: Level, at: Point, text = ''): Command {
  return {
    label: t('commands.addNote'),
    select: [noteKey(graphAt(workflow, level)?.notes?.length ?? 0)],
    apply: inGraph(level, (graph) => {
      graph.notes = [...(graph.notes ?? []), { text, at: [...at] }]
    }),
  }
}

/** Sets the Markdown of a note. */
export function setNoteText(_workflow: Workflow, level: Level, index: number, text: string, group?: string): Command {
  return {
    label: t('commands.editNote'),
    ...(group !== undefined && { group }),
    apply: inGraph(level, ({ notes }) => {
      const note = notes?.[index]
      if (note) note.text = text
    }),
  }
}

export function resizeNote(_workflow: Workflow, level: Level, index: number, size: Size, group?: string): Command {
  return {
    label: t('commands.resizeNote'),
    ...(group !== undefined && { group }),
    apply: inGraph(level, ({ notes }) => {
      const note = notes?.[index]
      if (note) note.size = [size.width, size.height]
    }),
  }
}
