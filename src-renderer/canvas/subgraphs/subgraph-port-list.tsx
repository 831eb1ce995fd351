import { X } from 'lucide-react'
import { useMemo } from 'react'
import { exposeInput, exposeOutput, hideInput, hideOutput, renameSubgraphPort } from '../../commands/subgraphs.ts'
import { CommitField } from '../../fields/commit-field.tsx'
import type { Command } from '../../store/command.ts'
import { commitTo, useDocument, useTab } from '../../store/context.ts'
import { t } from '../../strings/t.ts'
import { PortShape } from '../../ui/port-shape.tsx'
import styles from './breadcrumb.module.css'
import { exposable, instancePorts } from './exposable.ts'

interface SubgraphPortListProps {
  readonly subgraph: string
  readonly side: 'inputs' | 'outputs'
}

const expose = { inputs: exposeInput, outputs: exposeOutput } as const
const hide = { inputs: hideInput, outputs: hideOutput } as const

/** The inputs or the outputs of a subgraph. */
export function SubgraphPortList({ subgraph, side }: SubgraphPortListProps) {
  const tab = useTab()
  const workflow = useDocument((state) => state.workflow)
  const ports = useMemo(() => instancePorts(workflow, subgraph, side), [workflow, subgraph, side])
  const choices = useMemo(() => exposable(workflow, subgraph, side), [workflow, subgraph, side])
  const commit = (command: Command): void => commitTo(tab, command)
  return (
    <section className={styles.side} aria-label={t(`canvas.breadcrumb.${side}`)}>
      <h2>{t(`canvas.breadcrumb.${side}`)}</h2>
      {ports.length === 0 && <p>{t('canvas.breadcrumb.none')}</p>}
      <ul>
        {ports.map(({ name, label, kind }) => (
          <li key={name}>
            <PortShape kind={kind} filled />
            <CommitField
              className={styles.name}
              label={t('canvas.breadcrumb.portName', { name: label })}
              value={label}
              onCommit={(wanted) => commit(renameSubgraphPort(workflow, subgraph, side, name, wanted))}
            />
            <button
              type="button"
              aria-label={t('canvas.breadcrumb.remove', { name: label })}
              title={t('canvas.breadcrumb.remove', { name: label })}
              onClick={() => commit(hide[side](workflow, subgraph, name))}
            >
              <X size={14} aria-hidden />
            </button>
          </li>
        ))}
      </ul>
      <select
        aria-label={t(`canvas.breadcrumb.expose.${side}`)}
        value=""
        disabled={choices.length === 0}
        onChange={({ currentTarget }) => {
          const chosen = choices[Number(currentTarget.value)]
          if (chosen) commit(expose[side](workflow, subgraph, chosen.node, chosen.port))
        }}
      >
        <option value="">{t(`canvas.breadcrumb.expose.${side}`)}</option>
        {choices.map(({ node, port, label }, index) => (
          <option key={`${node}.${port}`} value={index}>
            {label}
          </option>
        ))}
      </select>
    </section>
  )
}
