import { renameNode } from '../../commands/nodes.ts'
import { commitTo, useLevel, useTab } from '../../store/context.ts'
import { enterSubgraph } from '../../store/levels.ts'
import { t } from '../../strings/t.ts'
import { endRename, startRename, useIsRenaming } from '../view/rename.ts'
import { TitleField } from '../view/title-field.tsx'
import { focusCanvas } from '../view/viewport.ts'
import styles from './node-header.module.css'

interface NodeTitleProps {
  readonly id: string
  readonly title: string
  /** A double click enters the subgraph instead of editing. */
  readonly enters: boolean
}

/** The title of a node. A double click or the action "Rename" edits it. */
export function NodeTitle({ id, title, enters }: NodeTitleProps) {
  const tab = useTab()
  const level = useLevel()
  const writing = useIsRenaming(tab, id)
  if (!writing) {
    return (
      <span className={styles.title} onDoubleClickCapture={() => (enters ? enterSubgraph : startRename)(tab, id)}>
        {title}
      </span>
    )
  }
  const rename = (wanted: string | undefined): void => {
    endRename()
    focusCanvas()
    if (wanted !== undefined && wanted !== title) {
      commitTo(tab, renameNode(tab.document.getState().workflow, level, id, wanted))
    }
  }
  return (
    <TitleField
      className={styles.titleField}
      label={t('canvas.node.rename', { node: title })}
      title={title}
      onDone={rename}
    />
  )
}
