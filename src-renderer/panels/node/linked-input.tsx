import { Link2, Unlink } from 'lucide-react'
import { type InputValue, isLink } from '#core/workflow/document.ts'
import type { InputPort } from '#core/workflow/node-type.ts'
import { disconnect } from '../../commands/links.ts'
import { outputLabel, titleOf } from '../../commands/names.ts'
import { commitTo, useDocument, useLevel, useTab } from '../../store/context.ts'
import { nodeAt } from '../../store/graph.ts'
import { openDialog } from '../../store/ui.ts'
import { t } from '../../strings/t.ts'
import { IconButton } from '../../ui/icon-button.tsx'
import styles from './node-panel.module.css'

interface LinkedInputProps {
  readonly node: string
  readonly name: string
  readonly port: InputPort
  /** A link, an input of the subgraph, or undefined. */
  readonly value: Extract<InputValue, object> | undefined
}

/** An input that is linked or accepts links: its source, and buttons to link and unlink it. */
export function LinkedInput({ node, name, port, value }: LinkedInputProps) {
  const tab = useTab()
  const level = useLevel()
  const source = useDocument(({ workflow }) => {
    if (value === undefined) return t(port.optional ? 'panels.node.openOptional' : 'panels.node.open')
    if (!isLink(value)) return t('panels.node.outer', { input: 'input' in value ? String(value.input) : '' })
    const [from, output] = value.link
    const other = nodeAt(workflow, level, from)
    if (!other) return t('panels.node.gone', { node: from })
    return t('panels.node.linked', { output: outputLabel(workflow, other, output), title: titleOf(workflow, other) })
  })
  const unlink = () => commitTo(tab, disconnect(tab.document.getState().workflow, level, [{ node, input: name }]))
  return (
    <div className={styles.linked} data-kind={port.type.kind}>
      <span className={styles.dot} aria-hidden />
      <span className={styles.words}>
        {port.label} <em>{source}</em>
      </span>
      <IconButton
        icon={Link2}
        label={t('panels.node.link', { label: port.label })}
        onClick={() => openDialog({ kind: 'connect', from: { node, port: name, side: 'input' } })}
      />
      {value !== undefined && (
        <IconButton icon={Unlink} label={t('panels.node.unlink', { label: port.label })} onClick={unlink} />
      )}
    </div>
  )
}
