import { memo } from 'react'
import { byteRoutes, type ModelFile } from '#core/protocol/routes.ts'
import { canvasCentre } from '../../canvas/viewport.ts'
import { addNode } from '../../commands/nodes.ts'
import { commitTo } from '../../store/context.ts'
import { levelOf } from '../../store/view-store.ts'
import { activeTab } from '../../store/workspace.ts'
import { printBytes } from '../../strings/bytes.ts'
import { t } from '../../strings/t.ts'
import styles from './files-panel.module.css'

/** A model file as a button that adds its node. */
export const FileRow = memo(function FileRow({ file, top }: { readonly file: ModelFile; readonly top: number }) {
  const { id, name, kind, summary, error, bytes, hasPicture } = file
  return (
    <li className={styles.row} style={{ transform: `translateY(${top}px)` }}>
      <button
        type="button"
        disabled={kind === 'other'}
        title={error ?? t('library.files.add', { name })}
        onClick={() => addFile(file)}
      >
        {hasPicture ? (
          <img src={byteRoutes.modelPicture(id)} alt="" />
        ) : (
          <span className={styles.blank}>{kind.slice(0, 1)}</span>
        )}
        <span className={styles.name}>{name}</span>
        <span className={styles.summary}>
          {summary}, {printBytes(bytes)}
        </span>
      </button>
    </li>
  )
})

function addFile({ kind, name }: ModelFile): void {
  const tab = activeTab()
  if (!tab || kind === 'other') return
  const { workflow } = tab.document.getState()
  const level = levelOf(tab.view.getState())
  commitTo(tab, addNode(workflow, level, { type: kind, at: canvasCentre(), inputs: { file: name } }))
}
