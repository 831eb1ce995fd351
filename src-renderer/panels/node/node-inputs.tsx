import { memo } from 'react'
import { type InputValue, isFed, own, type WorkflowNode } from '#core/workflow/document.ts'
import type { InputPort } from '#core/workflow/node-type.ts'
import type { Signature } from '#core/workflow/subgraphs.ts'
import { FixButtons } from '../../canvas/view/fix-buttons.tsx'
import { FieldAt } from '../../fields/field.tsx'
import { hasField } from '../../fields/sizes.ts'
import { useLevel } from '../../store/context.ts'
import type { NodeProblem } from '../../store/use-problems.ts'
import { t } from '../../strings/t.ts'
import { FormToggle } from './form-toggle.tsx'
import { LinkedInput } from './linked-input.tsx'
import styles from './node-panel.module.css'
import { mostFixes } from './node-problems.tsx'

interface NodeInputsProps {
  readonly id: string
  readonly node: WorkflowNode
  readonly signature: Signature | undefined
  /** Problems of fields. */
  readonly problems: readonly NodeProblem[]
}

/** All inputs, including advanced ones. Inputs that exist only in the document are shown as raw values. */
export function NodeInputs({ id, node, signature, problems }: NodeInputsProps) {
  const ports = signature?.inputs ?? {}
  const kept = Object.entries(node.inputs).filter(([name]) => own(ports, name) === undefined)
  if (Object.keys(ports).length + kept.length === 0) return null
  return (
    <section className={styles.section}>
      <h3>{t('panels.node.inputs')}</h3>
      {Object.entries(ports).map(([name, port]) => (
        <Input
          key={name}
          node={id}
          name={name}
          port={port}
          value={own(node.inputs, name)}
          problem={problems.find(({ input }) => input === name)}
        />
      ))}
      {kept.map(([name, value]) => (
        <p key={name} className={styles.description}>
          {name}: <code>{JSON.stringify(value)}</code>
        </p>
      ))}
    </section>
  )
}

interface InputProps {
  readonly node: string
  readonly name: string
  readonly port: InputPort
  readonly value: InputValue | undefined
  readonly problem: NodeProblem | undefined
}

const Input = memo(function Input({ node, name, port, value, problem }: InputProps) {
  const level = useLevel()
  const fed = isFed(value)
  return (
    <div className={styles.input}>
      <div className={styles.line}>
        {hasField(port) && !fed ? (
          <FieldAt level={level} node={node} input={name} place="panel" />
        ) : (
          <LinkedInput node={node} name={name} port={port} value={fed ? value : undefined} />
        )}
        {level === undefined && hasField(port) && <FormToggle node={node} input={name} label={port.label} />}
      </div>
      {problem && (
        <div className={styles.fixes}>
          <FixButtons node={node} input={name} problem={problem} most={mostFixes} />
        </div>
      )}
      <p className={styles.description}>{port.description}</p>
    </div>
  )
})
