import { memo } from 'react'
import { byteRoutes, type ModelFile } from '#core/protocol/routes.ts'
import { addFreely } from '../../canvas/place.ts'
import { nodeForFile } from '../../store/node-for-file.ts'
import { activeTab } from '../../store/workspace.ts'
import { printBytes } from '../../strings/bytes.ts'
import { t } from '../../strings/t.ts'
import styles from './files-panel.module.css'

/** A model file as a button that adds its node. */
export const FileRow = memo(function FileRow({ file, top }: { readonly file: ModelFile; readonly top: number }) {
  const { id, name, kind, summary, error, bytes, hasPicture } = file
  const word = name.slice(name.lastIndexOf('/') + 1).replace(/\.\w+$/, '')
  return (
    <li className={styles.row} style={{ transform: `translateY(${top}px)` }}>
      <button
        type="button"
        disabled={nodeForFile(file) === undefined}
        title={
          error ?? (kind === 'embedding' ? t('library.files.embedding', { word }) : t('library.files.add', { name }))
        }
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

function addFile(file: ModelFile): void {
  const tab = activeTab()
  const node = nodeForFile(file)
  if (tab && node) addFreely(tab, node)
}
