import { lazy, Suspense } from 'react'
import { own } from '#core/workflow/document.ts'
import { catalogue } from '#nodes/catalogue.ts'
import { useDocument, useLevel } from '../../store/context.ts'
import { graphAt } from '../../store/graph.ts'
import { signatureIn } from '../../store/signatures.ts'
import { t } from '../../strings/t.ts'
import { NodeInputs } from './node-inputs.tsx'
import { NodeOutputs } from './node-outputs.tsx'
import styles from './node-panel.module.css'
import { NodeProblems } from './node-problems.tsx'
import { NodeState } from './node-state.tsx'
import { NodeTitle } from './node-title.tsx'

const Docs = lazy(async () => ({ default: (await import('./node-docs.tsx')).NodeDocs }))

/** Everything of one node of the shown level. */
export function NodeDetails({ id }: { readonly id: string }) {
  const level = useLevel()
  const node = useDocument(({ workflow }) => own(graphAt(workflow, level)?.nodes ?? {}, id))
  const signature = useDocument(({ workflow }) => node && signatureIn(workflow, node))
  if (!node) return null
  const type = catalogue.get(node.type)
  return (
    <div className={styles.panel}>
      <header className={styles.header}>
        <NodeTitle id={id} title={node.title} placeholder={signature?.title ?? node.type} />
        <p className={styles.description}>{type?.description ?? node.type}</p>
        <NodeState id={id} state={node.state ?? 'on'} />
      </header>
      <NodeProblems id={id} />
      <NodeInputs id={id} node={node} signature={signature} />
      <NodeOutputs id={id} outputs={signature?.outputs ?? {}} />
      {type?.docs && (
        <details className={styles.section}>
          <summary>{t('panels.node.docs')}</summary>
          <Suspense>
            <Docs text={type.docs} />
          </Suspense>
        </details>
      )}
    </div>
  )
}
