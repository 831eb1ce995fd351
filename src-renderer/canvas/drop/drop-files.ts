import { LoomError } from '#core/errors.ts'
import type { Asset } from '#core/protocol/routes.ts'
import type { Workflow } from '#core/workflow/document.ts'
import { uploadPicture } from '../../api/upload.ts'
import { freshId } from '../../commands/names.ts'
import { type FileNode, fillWithFile, nodeForFile } from '../../commands/node-for-file.ts'
import { blankNode } from '../../commands/nodes.ts'
import { commitTo } from '../../store/context.ts'
import type { Point } from '../../store/graph.ts'
import { shownIn } from '../../store/shown.ts'
import type { Tab } from '../../store/workspace.ts'
import { t } from '../../strings/t.ts'
import { showError } from '../../ui/notices.ts'
import { openWorkflow } from '../../workspace/tabs.ts'
import { nodeWidth } from '../view/geometry.ts'
import { pasteInto } from '../view/place.ts'
import { askAboutWorkflows, type DropAnswer } from './ask.ts'
import { locateModel } from './locate-model.ts'
import { type DroppedFile, naming, readDroppedFile } from './read-file.ts'

/** More files at once are probably a mistake. */
const maxFiles = 32

/** Gap between nodes that are dropped together. */
const gap = 32

/** The result of a dropped file: a node or a new tab. */
type Outcome =
  | {
      readonly kind: 'node'
      readonly node: FileNode
      readonly file: string
      /** Name of the picture on the server. */
      readonly picture?: string
    }
  | { readonly kind: 'tab'; readonly text: string; readonly title: string }

/**
 * Adds files to the canvas. Models and pictures become nodes in one undo step; workflows open in tabs. All files are
 * read and uploaded before anything changes. Files that fail are reported and add nothing.
 * @param at undefined: at a free place
 * @param into a node that takes a single picture, if it can hold one
 */
export async function dropFiles(tab: Tab, files: readonly File[], at: Point | undefined, into?: string): Promise<void> {
  if (files.length > maxFiles) {
    const message = t('canvas.drop.tooMany', { count: files.length, most: maxFiles })
    return showError(new LoomError('limit', message, { hint: t('canvas.drop.tooManyHint') }))
  }
  const read = await settled(files.map(readDroppedFile))
  const carrying = read.done.filter((file) => file.kind === 'picture' && file.workflow !== undefined)
  const answer = carrying.length > 0 ? await askAboutWorkflows(carrying.map(({ name }) => name)) : 'picture'
  const wanted = answer === undefined ? read.done.filter((file) => !carrying.includes(file)) : read.done
  const { done, failed } = await settled(wanted.map((file) => outcomeOf(file, answer)))
  const nodes = done.filter((outcome) => outcome.kind === 'node')
  if (!fill(tab, nodes, into)) addNodes(tab, nodes, at)
  const opened = await settled(
    done.filter((outcome) => outcome.kind === 'tab').map(async ({ text, title }) => openWorkflow(text, title)),
  )
  for (const error of [...read.failed, ...failed, ...opened.failed]) showError(error)
}

async function outcomeOf(file: DroppedFile, answer: DropAnswer): Promise<Outcome> {
  const title = file.name.replace(/(\.loom)?\.\w+$/, '')
  if (file.kind === 'workflow') return { kind: 'tab', text: file.text, title }
  if (file.kind === 'model') {
    return { kind: 'node', node: await locateModel(file), file: file.name }
  }
  if (file.workflow !== undefined && answer === 'workflow') {
    if (file.workflow instanceof LoomError) throw naming(file.name, file.workflow)
    return { kind: 'tab', text: file.workflow, title }
  }
  const { name: picture } = await uploaded(file)
  const node = nodeForFile({ kind: 'image', name: picture })
  if (!node) throw new LoomError('internal', 'No node opens pictures.')
  return { kind: 'node', node, file: file.name, picture }
}

const uploaded = ({ name, content }: DroppedFile & { kind: 'picture' }): Promise<Asset> =>
  uploadPicture(content).catch((error: unknown) => {
    throw error instanceof LoomError ? naming(name, error) : error
  })

/** Puts a single picture into a node. Returns whether the node took it. */
function fill(tab: Tab, [only, ...others]: readonly (Outcome & { kind: 'node' })[], into: string | undefined): boolean {
  if (into === undefined || only?.picture === undefined || others.length > 0) return false
  const { workflow, level } = shownIn(tab)
  const command = fillWithFile(workflow, level, into, { kind: 'image', name: only.picture })
  if (command) commitTo(tab, command)
  return command !== undefined
}

function addNodes(tab: Tab, outcomes: readonly (Outcome & { kind: 'node' })[], at: Point | undefined): void {
  if (outcomes.length === 0) return
  const nodes: Workflow['nodes'] = {}
  for (const [index, { node }] of outcomes.entries()) {
    const at: Point = [index * (nodeWidth + gap), 0]
    nodes[freshId(node.type, (id) => Object.hasOwn(nodes, id))] = blankNode(node.type, at, node.inputs)
  }
  pasteInto(tab, { nodes }, at, {
    label: t('canvas.drop.label', { count: outcomes.length, title: outcomes[0]?.file ?? '' }),
  })
}

/** Splits promises into results and errors. */
async function settled<T>(promises: readonly Promise<T>[]): Promise<{ done: T[]; failed: unknown[] }> {
  const done: T[] = []
  const failed: unknown[] = []
  for (const result of await Promise.allSettled(promises)) {
    if (result.status === 'fulfilled') done.push(result.value)
    else failed.push(result.reason)
  }
  return { done, failed }
}
