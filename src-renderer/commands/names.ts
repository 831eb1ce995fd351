import { own, type Workflow, type WorkflowNode } from '#core/workflow/document.ts'
import { graphAt, type ItemKey, itemOf, type Level } from '../store/graph.ts'
import { signatureIn } from '../store/signatures.ts'
import { t } from '../strings/t.ts'

/** Maximum length of the readable part of an id. */
const maxStem = 60

/** A valid id from any text. It has no double dash, which joins the ids of nodes in subgraphs. */
function stemOf(words: string): string {
  const stem = words
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, maxStem)
    .replace(/^-|-$/g, '')
  return stem === '' ? 'node' : stem
}

/** The words, with the next free number if they are taken: "sampler", "sampler-2". */
export function uniqueName(words: string, isTaken: (name: string) => boolean): string {
  if (!isTaken(words)) return words
  const stem = words.replace(/-\d+$/, '')
  for (let number = 2; ; number += 1) if (!isTaken(`${stem}-${number}`)) return `${stem}-${number}`
}

/** A readable, unused id. */
export const freshId = (words: string, isTaken: (id: string) => boolean): string => uniqueName(stemOf(words), isTaken)

/** The words for the id of a node: its type, or the subgraph of an instance. */
export const idWords = (type: string): string => type.slice(type.indexOf(':') + 1)

export const titleOf = (workflow: Workflow, node: WorkflowNode): string =>
  node.title ?? signatureIn(workflow, node)?.title ?? node.type

/** Display name of a node's input. */
export const inputLabel = (workflow: Workflow, node: WorkflowNode | undefined, input: string): string =>
  (node && own(signatureIn(workflow, node)?.inputs ?? {}, input)?.label) ?? input

export const outputLabel = (workflow: Workflow, node: WorkflowNode | undefined, output: string): string =>
  (node && own(signatureIn(workflow, node)?.outputs ?? {}, output)?.label) ?? output

/** Values for an undo label: the number of items, and the title of a single one. */
export function countOf(workflow: Workflow, level: Level, keys: readonly ItemKey[]): { count: number; title: string } {
  const [only = ''] = keys
  return { count: keys.length, title: itemTitle(workflow, level, only) }
}

function itemTitle(workflow: Workflow, level: Level, key: ItemKey): string {
  const graph = graphAt(workflow, level)
  const item = itemOf(key)
  if (item.kind === 'node') {
    const node = graph && own(graph.nodes, item.id)
    return node ? titleOf(workflow, node) : item.id
  }
  const title = item.kind === 'frame' ? graph?.frames?.[item.index]?.title : t('commands.note')
  return title || t('commands.frame')
}
