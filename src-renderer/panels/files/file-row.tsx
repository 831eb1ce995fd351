import { memo } from 'react'
import { byteRoutes, type ModelFile } from '#core/protocol/routes.ts'
import { addFreely } from '../../canvas/place.ts'
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
  addFreely(tab, { type: kind, inputs: { file: name } })
}
