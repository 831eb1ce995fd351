import type { Workflow } from '#core/workflow/document.ts'
import type { Command } from '../store/command.ts'
import { nodeAt } from '../store/graph.ts'
import { t } from '../strings/t.ts'
import { inputLabel, uniqueName } from './names.ts'

type Field = NonNullable<Workflow['form']>[number]

/** Adds an input of a top-level node to the form under a unique name, unless it is already there. */
export function addFormField(workflow: Workflow, node: string, input: string): Command {
  const form = workflow.form ?? []
  const target = nodeAt(workflow, undefined, node)
  const isThere = form.some((field) => field.input[0] === node && field.input[1] === input)
  const field: Field = { name: freeName(form, target?.title?.trim() || input), input: [node, input] }
  return {
    label: t('commands.addField', { field: inputLabel(workflow, target, input) }),
    apply: (draft) => {
      if (!isThere) draft.form = [...(draft.form ?? []), field]
    },
  }
}

export function removeFormField(workflow: Workflow, index: number): Command {
  return {
    label: t('commands.removeField', { field: nameAt(workflow, index) }),
    apply: ({ form }) => {
      form?.splice(index, 1)
    },
  }
}

/** Moves a field to the position of another. */
export function moveFormField(workflow: Workflow, from: number, to: number): Command {
  return {
    label: t('commands.moveField', { field: nameAt(workflow, from) }),
    apply: ({ form }) => {
      if (form === undefined || from === to) return
      const [field] = form.splice(from, 1)
      if (field) form.splice(to, 0, field)
    },
  }
}

/** Renames a field. A name that is taken gets a number, and an empty name changes nothing. */
export function renameFormField(workflow: Workflow, index: number, name: string): Command {
  const others = (workflow.form ?? []).filter((_, other) => other !== index)
  const wanted = name.trim()
  return {
    label: t('commands.renameField', { field: nameAt(workflow, index) }),
    apply: ({ form }) => {
      const field = form?.[index]
      if (field && wanted !== '') field.name = freeName(others, wanted)
    },
  }
}

const freeName = (fields: readonly Field[], words: string): string =>
  uniqueName(words, (name) => fields.some((field) => field.name === name))

const nameAt = ({ form }: Workflow, index: number): string => form?.[index]?.name ?? ''
