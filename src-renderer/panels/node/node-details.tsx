import { Suspense } from 'react'
import { isFed, own } from '#core/workflow/document.ts'
import { catalogue } from '#nodes/catalogue.ts'
import { hasField } from '../../fields/sizes.ts'
import { useDocument, useLevel } from '../../store/context.ts'
import { nodeAt } from '../../store/graph.ts'
import { signatureIn } from '../../store/signatures.ts'
import { type NodeProblem, useProblems } from '../../store/use-problems.ts'
import { t } from '../../strings/t.ts'
import { Boundary } from '../../ui/boundary.tsx'
import { deferred } from '../../ui/deferred.ts'
import { NodeAdvice } from './node-advice.tsx'
import { NodeInputs } from './node-inputs.tsx'
import { NodeOutputs } from './node-outputs.tsx'
import styles from './node-panel.module.css'
import { NodeProblems } from './node-problems.tsx'
import { NodeState } from './node-state.tsx'
import { NodeTitle } from './node-title.tsx'

const Docs = deferred(async () => (await import('./node-docs.tsx')).NodeDocs)

/** Full details of a node of the shown level. */
export function NodeDetails({ id }: { readonly id: string }) {
  const level = useLevel()
  const node = useDocument(({ workflow }) => nodeAt(workflow, level, id))
  const signature = useDocument(({ workflow }) => node && signatureIn(workflow, node))
  const problems = useProblems(id)
  if (!node) return null
  // a field shows its own problem
  const atField = ({ input }: NodeProblem): boolean => {
    const port = input === undefined ? undefined : own(signature?.inputs ?? {}, input)
    return port !== undefined && hasField(port) && input !== undefined && !isFed(own(node.inputs, input))
  }
  const type = catalogue.get(node.type)
  return (
    <div className={styles.panel}>
      <header className={styles.header}>
        <NodeTitle id={id} title={node.title} placeholder={signature?.title ?? node.type} />
        <p className={styles.description}>{type?.description ?? node.type}</p>
        <NodeState id={id} state={node.state ?? 'on'} />
      </header>
      <NodeProblems id={id} problems={problems.filter((problem) => !atField(problem))} />
      <NodeAdvice id={id} />
      <NodeInputs id={id} node={node} signature={signature} problems={problems.filter(atField)} />
      <NodeOutputs id={id} outputs={signature?.outputs ?? {}} />
      {type?.docs && (
        <details className={styles.section}>
          <summary>{t('panels.node.docs')}</summary>
          <Boundary>
            <Suspense>
              <Docs text={type.docs} />
            </Suspense>
          </Boundary>
        </details>
      )}
    </div>
  )
}
