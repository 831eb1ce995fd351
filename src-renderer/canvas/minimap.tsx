import { MiniMap } from '@xyflow/react'
import { t } from '../strings/t.ts'
import styles from './canvas.module.css'
import type { FlowItem } from './flow-types.ts'

const classOf = ({ type, selected }: FlowItem): string => `${type ?? ''}${selected ? ' selected' : ''}`

/** The whole canvas, small: drag to move what is seen. */
export const Minimap = () => (
  <MiniMap<FlowItem>
    className={styles.minimap}
    nodeClassName={classOf}
    nodeBorderRadius={16}
    pannable
    zoomable
    ariaLabel={t('canvas.view.minimap')}
  />
)
