import type { NodeProps } from '@xyflow/react'
import { memo, useState } from 'react'
import { setFrameBox } from '../../commands/frames.ts'
import { commitTo, useDocument, useLevel, useTab } from '../../store/context.ts'
import { graphAt, type Size } from '../../store/graph.ts'
import { t } from '../../strings/t.ts'
import type { FrameItem } from '../view/flow-types.ts'
import { FrameTitle } from './frame-title.tsx'
import styles from './frame-view.module.css'
import { ResizeHandle } from './resize-handle.tsx'

const min: Size = { width: 120, height: 80 }

/** React Flow renders this on every movement. The inner box renders only if its own props change. */
export const FrameView = ({ data, selected }: NodeProps<FrameItem>) => (
  <FrameBox index={data.index} selected={selected} />
)

const FrameBox = memo(function FrameBox({ index, selected }: { readonly index: number; readonly selected: boolean }) {
  const tab = useTab()
  const level = useLevel()
  const frame = useDocument(({ workflow }) => graphAt(workflow, level)?.frames?.[index])
  const [preview, setPreview] = useState<Size>()
  if (!frame) return null
  const [x, y] = frame.at
  const [width, height] = frame.size
  const resize = (size: Size): void =>
    commitTo(tab, setFrameBox(tab.document.getState().workflow, level, index, { x, y, ...size }, `frame ${index}`))
  return (
    <div className={styles.frame} style={preview ?? { width, height }} data-selected={selected || undefined}>
      <FrameTitle index={index} title={frame.title} />
      <ResizeHandle
        label={t('canvas.frame.resize', { title: frame.title || t('canvas.frame.untitled') })}
        size={() => ({ width, height })}
        min={min}
        onPreview={setPreview}
        onResize={resize}
      />
    </div>
  )
})
