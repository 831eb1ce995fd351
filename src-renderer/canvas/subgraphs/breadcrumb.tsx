import { ChevronRight } from 'lucide-react'
import { useShallow } from 'zustand/react/shallow'
import type { Workflow } from '#core/workflow/document.ts'
import { titleOf } from '../../commands/names.ts'
import { useDocument, useTab, useView } from '../../store/context.ts'
import { type Level, nodeAt } from '../../store/graph.ts'
import { leaveSubgraph } from '../../store/levels.ts'
import type { TrailStep } from '../../store/view-store.ts'
import { t } from '../../strings/t.ts'
import styles from './breadcrumb.module.css'
import { SubgraphPorts } from './subgraph-ports.tsx'
import { useEscapeLevel } from './use-escape-level.ts'

/** The path to the shown subgraph. Empty at the top level. */
export function Breadcrumb() {
  const tab = useTab()
  const trail = useView((state) => state.trail)
  const names = useDocument(useShallow(({ workflow }) => namesOf(workflow, trail)))
  useEscapeLevel()
  const shown = trail.at(-1)
  if (!shown) return null
  return (
    <div className={styles.place} data-overlay>
      <nav className={styles.trail} aria-label={t('canvas.breadcrumb.label')}>
        <ol>
          {names.map((name, depth) => (
            <li key={trail[depth - 1]?.instance ?? ''}>
              {depth > 0 && <ChevronRight size={14} aria-hidden />}
              <button
                type="button"
                aria-current={depth === trail.length ? 'page' : undefined}
                disabled={depth === trail.length}
                onClick={() => leaveSubgraph(tab, depth)}
              >
                {name}
              </button>
            </li>
          ))}
        </ol>
      </nav>
      <SubgraphPorts subgraph={shown.subgraph} />
    </div>
  )
}

/** Names of the workflow and of the instances on the path. */
function namesOf(workflow: Workflow, trail: readonly TrailStep[]): string[] {
  let level: Level
  const names = [workflow.name || t('canvas.breadcrumb.untitled')]
  for (const { instance, subgraph } of trail) {
    const node = nodeAt(workflow, level, instance)
    names.push(node ? titleOf(workflow, node) : instance)
    level = subgraph
  }
  return names
}
