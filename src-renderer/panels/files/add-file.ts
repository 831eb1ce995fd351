import type { ModelFile } from '#core/protocol/routes.ts'
import { constantOf, isFed, own, type WorkflowNode } from '#core/workflow/document.ts'
import { addFreely } from '../../canvas/view/place.ts'
import { nodeForFile } from '../../commands/node-for-file.ts'
import { setInput } from '../../commands/nodes.ts'
import { commitTo } from '../../store/history.ts'
import { shownIn } from '../../store/shown.ts'
import { signatureIn } from '../../store/signatures.ts'
import { activeTab, type Tab } from '../../store/workspace.ts'
import { t } from '../../strings/t.ts'
import { notify } from '../../ui/notices.ts'

/** The text in a prompt that uses an embedding: its file name. */
export const embeddingCall = (name: string): string =>
  `embedding:${name.slice(name.lastIndexOf('/') + 1).replace(/\.\w+$/, '')}`

/** Whether a file can be added to a workflow. */
export const canAdd = (file: ModelFile): boolean =>
  file.error === undefined && (file.kind === 'embedding' || nodeForFile(file) !== undefined)

/** Adds a file to the shown workflow as a node, or an embedding to a prompt. */
export function addFile(file: ModelFile): void {
  const tab = activeTab()
  if (!tab) return
  const node = nodeForFile(file)
  if (file.kind === 'embedding') addToPrompt(tab, embeddingCall(file.name))
  else if (node) addFreely(tab, node)
}

/** Appends to the prompt of the selected node, or to the only prompt. */
function addToPrompt(tab: Tab, words: string): void {
  const { workflow, level, graph } = shownIn(tab)
  const { selection } = tab.view.getState()
  const prompts = Object.entries(graph?.nodes ?? {}).flatMap(([id, node]) => {
    const input = promptOf(node, signatureIn(workflow, node)?.inputs ?? {})
    return input === undefined ? [] : [{ id, node, input }]
  })
  const selected = prompts.filter(({ id }) => selection.has(id))
  const [chosen, ...others] = selected.length > 0 ? selected : prompts
  if (!chosen || others.length > 0) {
    notify({ kind: 'info', id: 'which-prompt', message: t('library.files.whichPrompt', { words }) })
    return
  }
  const { id, node, input } = chosen
  const held = own(node.inputs, input)
  const text = held === undefined || isFed(held) ? '' : String(constantOf(held))
  commitTo(tab, setInput(workflow, level, id, input, [text.trimEnd(), words].filter(Boolean).join(', ')))
  notify({ kind: 'success', id: 'which-prompt', message: t('library.files.inPrompt', { words }) })
}

/** The first prompt input of a node that is not linked. */
const promptOf = (node: WorkflowNode, ports: NonNullable<ReturnType<typeof signatureIn>>['inputs']) =>
  Object.keys(ports).find((name) => ports[name]?.multiline === 'prompt' && !isFed(own(node.inputs, name)))
