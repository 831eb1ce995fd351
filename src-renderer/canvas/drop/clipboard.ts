import { LoomError } from '#core/errors.ts'
import { copyItems } from '../../commands/clipboard.ts'
import { removeItems } from '../../commands/nodes.ts'
import { commitTo } from '../../store/context.ts'
import type { Point } from '../../store/graph.ts'
import { shownIn } from '../../store/shown.ts'
import type { Tab } from '../../store/workspace.ts'
import { t } from '../../strings/t.ts'
import { printChord } from '../../ui/chord.ts'
import { holdsDocument, parseFragment, readDocument } from '../../workspace/read-document.ts'
import { decodeShareLink, isShareLink } from '../../workspace/share-link.ts'
import { openWorkflow } from '../../workspace/tabs.ts'
import { pasteInto } from '../view/place.ts'
import { pointedPlace } from '../view/pointer.ts'
import { dropFiles } from './drop-files.ts'

interface PasteOptions {
  /** Keeps links to nodes outside the pasted items, if these nodes exist. */
  readonly keepLinks?: boolean
}

/** The selected items as clipboard text; undefined if nothing is selected. */
export function selectionText(tab: Tab): string | undefined {
  const { selection } = tab.view.getState()
  if (selection.size === 0) return undefined
  const { workflow, level } = shownIn(tab)
  return copyItems(workflow, level, [...selection])
}

export function deleteSelection(tab: Tab): void {
  const { workflow, level } = shownIn(tab)
  commitTo(tab, removeItems(workflow, level, [...tab.view.getState().selection]))
}

/** Copies the selected items without a clipboard event of the browser. */
export async function copySelection(tab: Tab): Promise<void> {
  const text = selectionText(tab)
  if (text === undefined) return
  await allowed(navigator.clipboard.writeText(text), t('canvas.drop.clipboardWriteRefused'), 'mod+c')
}

export async function cutSelection(tab: Tab): Promise<void> {
  await copySelection(tab)
  deleteSelection(tab)
}

/**
 * Pastes from the clipboard without a clipboard event of the browser.
 * @throws LoomError `forbidden` if the browser does not allow it, or as `handlePaste`
 */
export async function pasteFromClipboard(tab: Tab, options: PasteOptions = {}): Promise<void> {
  const items = await allowed(navigator.clipboard.read(), t('canvas.drop.clipboardRefused'), 'mod+v')
  const data = new DataTransfer()
  for (const item of items) {
    for (const type of item.types) {
      const content = await item.getType(type)
      if (type === 'text/plain') data.setData(type, await content.text())
      else if (type.startsWith('image/')) data.items.add(new File([content], t('canvas.drop.pasted'), { type }))
    }
  }
  await handlePaste(tab, data, pointedPlace(), options)
}

/**
 * Pastes items, pictures, a workflow as text, or the workflow of a share link, which opens in a tab. A picture goes into
 * the selected node, if it is one that loads pictures.
 * @param at undefined: at a free place
 * @throws LoomError `unsupported` for other content; errors in the content
 */
export async function handlePaste(
  tab: Tab,
  data: DataTransfer,
  at: Point | undefined,
  options: PasteOptions = {},
): Promise<void> {
  const text = data.getData('text/plain')
  const files = [...data.files]
  const fragment = parseFragment(text)
  if (fragment) {
    pasteInto(tab, fragment, at, options)
  } else if (isShareLink(text)) {
    openWorkflow(await decodeShareLink(text), t('canvas.drop.shared'))
  } else if (files.length > 0) {
    const [only, ...others] = tab.view.getState().selection
    await dropFiles(tab, files, at, others.length > 0 ? undefined : only)
  } else {
    refuse(text)
  }
}

/** Throws the error of a damaged workflow. */
function refuse(text: string): void {
  if (holdsDocument(text)) readDocument(text)
  if (text.trim() === '') return
  throw new LoomError('unsupported', t('canvas.drop.notPasted'), { hint: t('canvas.drop.notPastedHint') })
}

async function allowed<T>(access: Promise<T>, message: string, chord: string): Promise<T> {
  try {
    return await access
  } catch (cause) {
    const hint = t('canvas.drop.clipboardRefusedHint', { keys: printChord(chord) })
    throw new LoomError('forbidden', message, { hint, cause })
  }
}
