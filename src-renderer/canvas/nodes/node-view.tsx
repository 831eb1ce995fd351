import type { NodeProps } from '@xyflow/react'
import { memo } from 'react'
import { useInference, useRun } from '../../store/context.ts'
import { useFlatId } from '../../store/use-flat-id.ts'
import type { NodeItem, NodeShape } from '../view/flow-types.ts'
import { useDetail } from '../view/level-of-detail.ts'
import { NodeHeader } from './node-header.tsx'
import { NodeProblem } from './node-problem.tsx'
import { NodeResult } from './node-result.tsx'
import { NodeRows } from './node-rows.tsx'
import styles from './node-view.module.css'

interface NodeBoxProps {
  readonly id: string
  readonly shape: NodeShape
  readonly selected: boolean
}

/** React Flow renders this on every movement. The inner box renders only if its own props change. */
export const NodeView = ({ id, data, selected }: NodeProps<NodeItem>) => (
  <NodeBox id={id} shape={data} selected={selected} />
)

const NodeBox = memo(function NodeBox({ id, shape, selected }: NodeBoxProps) {
  const { layout, state, category, known, collapsed } = shape
  const detailed = useDetail()
  const flat = useFlatId(id)
  const run = useRun(({ nodes }) => nodes.get(flat)?.state)
  const wrong = useInference(({ problems }) => (problems.get(flat)?.length ?? 0) > 0) || run === 'failed'
  const { resultY, problemY } = layout
  return (
    <div
      className={styles.node}
      style={{ height: layout.height }}
      data-category={category}
      data-state={state}
      data-run={run}
      data-selected={selected || undefined}
      data-wrong={wrong || undefined}
      data-unknown={!known || undefined}
      data-plain={!detailed || undefined}
    >
      {detailed ? (
        <>
          <NodeHeader id={id} shape={shape} />
          {!collapsed || layout.rows.length > 0 ? <NodeRows id={id} shape={shape} /> : null}
        </>
      ) : (
        <div className={styles.plainTitle}>{shortened(shape.title)}</div>
      )}
      {resultY !== undefined && <NodeResult id={id} y={resultY} title={shape.title} />}
      {detailed && problemY !== undefined && <NodeProblem id={id} y={problemY} />}
    </div>
  )
})

/** Number of letters that fit into a plain box. */
const plainLetters = 14

/** Shortens a title, because clipping by the browser would be slower for many boxes. */
const shortened = (title: string): string =>
  title.length > plainLetters ? `${title.slice(0, plainLetters - 1)}…` : title
