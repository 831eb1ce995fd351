import { describe } from '#core/types/describe.ts'
import { own } from '#core/workflow/document.ts'
import type { Port } from '#core/workflow/node-type.ts'
import { useInference } from '../../store/context.ts'
import { useFlatId } from '../../store/use-flat-id.ts'
import { t } from '../../strings/t.ts'
import styles from './node-panel.module.css'

interface NodeOutputsProps {
  readonly id: string
  readonly outputs: Readonly<Record<string, Port>>
}

/** The outputs with their inferred types. */
export function NodeOutputs({ id, outputs }: NodeOutputsProps) {
  const flat = useFlatId(id)
  const types = useInference((state) => state.outputs.get(flat)) ?? {}
  const entries = Object.entries(outputs)
  if (entries.length === 0) return null
  return (
    <section className={styles.section}>
      <h3>{t('panels.node.outputs')}</h3>
      {entries.map(([name, port]) => (
        <div key={name} className={styles.input}>
          <div className={styles.linked} data-kind={port.type.kind}>
            <span className={styles.dot} aria-hidden />
            <span className={styles.words}>
              {port.label} <em>{describe(own(types, name) ?? port.type)}</em>
            </span>
          </div>
          <p className={styles.description}>{port.description}</p>
        </div>
      ))}
    </section>
  )
}
