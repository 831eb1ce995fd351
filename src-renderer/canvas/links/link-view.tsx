import { type EdgeProps, ViewportPortal } from '@xyflow/react'
import { memo, useMemo, useState } from 'react'
import { useInference } from '../../store/context.ts'
import type { Point } from '../../store/graph.ts'
import { useFlatId } from '../../store/use-flat-id.ts'
import type { FlowLink, LinkShape } from '../view/flow-types.ts'
import { useIsDropLink } from './drop-link.ts'
import { curvePath, linkCurve } from './link-curve.ts'
import { LinkPoints } from './link-points.tsx'
import { LinkTools } from './link-tools.tsx'
import styles from './link-view.module.css'

/** A link. React Flow gives its two ends. */
export const LinkView = ({
  data,
  selected,
  sourceX,
  sourceY,
  targetX,
  targetY,
  source,
  sourceHandleId,
}: EdgeProps<FlowLink>) =>
  data && (
    <LinkLine
      shape={data}
      selected={selected ?? false}
      sourceX={sourceX}
      sourceY={sourceY}
      targetX={targetX}
      targetY={targetY}
      source={source}
      output={sourceHandleId ?? ''}
    />
  )

interface LinkLineProps {
  readonly shape: LinkShape
  readonly selected: boolean
  readonly sourceX: number
  readonly sourceY: number
  readonly targetX: number
  readonly targetY: number
  readonly source: string
  readonly output: string
}

const LinkLine = memo(function LinkLine(props: LinkLineProps) {
  const { shape, selected, sourceX, sourceY, targetX, targetY, source, output } = props
  const { kind, end, via } = shape
  /** The points during a drag. */
  const [moved, setMoved] = useState<readonly Point[]>()
  const points = moved ?? via
  const curve = useMemo(
    () => linkCurve([[sourceX, sourceY], ...points, [targetX, targetY]]),
    [sourceX, sourceY, targetX, targetY, points],
  )
  const flat = useFlatId(end.node)
  const problem = useInference(({ problems }) =>
    problems.get(flat)?.find(({ input, code }) => input === end.input && linkFaults.has(code)),
  )
  const drops = useIsDropLink(end)
  const d = curvePath(curve)
  return (
    <>
      <path
        className={styles.line}
        d={d}
        data-kind={kind}
        data-wrong={problem ? '' : undefined}
        data-drop={drops || undefined}
      />
      <path className={`${styles.press} react-flow__edge-interaction`} d={d} />
      {(selected || points.length > 0 || problem) && (
        <ViewportPortal>
          <LinkPoints end={end} points={points} setMoved={setMoved} />
          {(selected || problem) && (
            <LinkTools
              end={end}
              output={{ node: source, port: output, side: 'output' }}
              curve={curve}
              via={via}
              selected={selected}
              problem={problem}
            />
          )}
        </ViewportPortal>
      )}
    </>
  )
})

/** Codes of input problems that the link causes. */
const linkFaults: ReadonlySet<string> = new Set(['type', 'mismatch', 'not-found', 'cycle'])
