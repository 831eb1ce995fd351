import { LoomError } from '#core/errors.ts'
import { t } from '../../strings/t.ts'

/** Number of dragged pictures and other files. The browser hides their content until they are dropped. */
export interface DropContent {
  readonly pictures: number
  readonly others: number
}

type Transfer = Pick<DataTransfer, 'types' | 'items' | 'files'>

/** Whether files or links are dragged. The canvas shows a hint for these. */
export const holdsFiles = ({ types }: Pick<DataTransfer, 'types'>): boolean =>
  types.includes('Files') || types.includes('text/uri-list')

export function hintOf({ items }: Pick<DataTransfer, 'items'>): DropContent {
  const files = [...items].filter(({ kind }) => kind === 'file')
  const pictures = files.filter(({ type }) => type.startsWith('image/')).length
  return { pictures, others: files.length - pictures }
}

/** The dropped files, and errors for all other items. */
export function filesIn({ items, files: all }: Transfer): { files: File[]; problems: LoomError[] } {
  const files: File[] = []
  const problems: LoomError[] = []
  for (const item of items) {
    if (item.kind !== 'file') continue
    const entry = item.webkitGetAsEntry()
    const file = item.getAsFile()
    if (entry?.isDirectory) problems.push(folder(entry.name))
    else if (file) files.push(file)
  }
  if (files.length + problems.length > 0) return { files, problems }
  if (all.length > 0) return { files: [...all], problems }
  const link = new LoomError('unsupported', t('canvas.drop.link'), { hint: t('canvas.drop.linkHint') })
  return { files, problems: [link] }
}

const folder = (name: string): LoomError =>
  new LoomError('unsupported', t('canvas.drop.folder', { name }), { hint: t('canvas.drop.folderHint') })
