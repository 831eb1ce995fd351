import type { NodeChange } from '@xyflow/react'
import { useCallback, useMemo, useState } from 'react'
import { useShallow } from 'zustand/react/shallow'
import { useDocument, useInference, useLevel, useRun, useView } from '../../store/context.ts'
import { type Graph, graphAt, type ItemKey, type Size } from '../../store/graph.ts'
import { questionsIn } from '../../store/use-problems.ts'
import { flatId } from '../../store/view-store.ts'
import { createLinks } from '../links/flow-links.ts'
import type { FlowItem } from '../view/flow-types.ts'
import { createItems } from './flow-items.ts'
import { useMoves } from './use-moves.ts'

const noGraph: Graph = { nodes: {} }

/** Nodes, frames and notes for React Flow. */
export function useItems() {
  const workflow = useDocument((state) => state.workflow)
  const level = useLevel()
  const graph = graphAt(workflow, level) ?? noGraph
  const selection = useView((state) => state.selection)
  const trail = useView((state) => state.trail)
  const more = useView((state) => state.more)
  const problems = useInference((state) => state.problems)
  const advice = useInference((state) => state.advice)
  const pictured = useRun(
    useShallow(({ nodes }) => [...nodes].flatMap(([id, run]) => (run.preview || run.pictures?.length ? [id] : []))),
  )
  const saved = useRun(useShallow(({ nodes }) => [...nodes].flatMap(([id, run]) => (run.saved ? [id] : []))))
  const failed = useRun(useShallow(({ nodes }) => [...nodes].flatMap(([id, run]) => (run.error ? [id] : []))))
  const [measured, setMeasured] = useState<ReadonlyMap<ItemKey, Size>>(new Map())
  const [make] = useState(createItems)
  const { moving, onStart, onMoved } = useMoves()

  const shown = useMemo(() => {
    const [withPicture, withFile, withError] = [new Set(pictured), new Set(saved), new Set(failed)]
    return (id: string) => {
      const flat = flatId({ trail }, id)
      const result = withPicture.has(flat) ? ('picture' as const) : withFile.has(flat) ? ('file' as const) : undefined
      return {
        more: more.has(flat),
        result,
        problem:
          withError.has(flat) || (problems.get(flat)?.length ?? 0) > 0 || questionsIn(advice.get(flat)).length > 0,
      }
    }
  }, [trail, more, problems, advice, pictured, saved, failed])
  const nodes = make({ workflow, graph, selection, moving, measured, shown })

  const onMeasured = useCallback((changes: NodeChange<FlowItem>[]) => {
    const found = changes.flatMap((change) =>
      change.type === 'dimensions' && change.dimensions ? [[change.id, change.dimensions] as const] : [],
    )
    if (found.length > 0) setMeasured((before) => new Map([...before, ...found]))
  }, [])
  return { nodes, onStart, onMoved, onMeasured }
}

/** From this number on, links are drawn as one picture at low zoom. */
const plainFrom = 300

/**
 * The links, or one picture of them if there are many and the zoom is low.
 * @param near whether the zoom is large enough to read
 */
export function useLinks(near: boolean) {
  const workflow = useDocument((state) => state.workflow)
  const level = useLevel()
  const selected = useView(({ link, selection }) => (selection.size === 0 ? link : undefined))
  const [make] = useState(createLinks)
  const links = make({ workflow, graph: graphAt(workflow, level) ?? noGraph, selected })
  return useMemo(() => {
    if (near || links.length < plainFrom) return { edges: links, plainLinks: undefined }
    return { edges: links.filter((link) => link.selected), plainLinks: links }
  }, [links, near])
}
