import { memo } from 'react'
import { isLink, isOuter, own } from '#core/workflow/document.ts'
import { Field } from '../../fields/field.tsx'
import { useDocument, useLevel, useTab } from '../../store/context.ts'
import { nodeAt } from '../../store/graph.ts'
import { useFlatId } from '../../store/use-flat-id.ts'
import { t } from '../../strings/t.ts'
import type { NodeShape } from '../view/flow-types.ts'
import type { Row } from '../view/geometry.ts'
import styles from './node-rows.module.css'
import { Port } from './port.tsx'

interface NodeRowsProps {
  readonly id: string
  readonly shape: NodeShape
}

/** Inputs, outputs and fields of a node. A collapsed node shows only ports. */
export const NodeRows = memo(function NodeRows({ id, shape }: NodeRowsProps) {
  const { layout, title, collapsed, known } = shape
  return (
    <>
      {layout.rows.map((row) => (
        <RowView key={keyOf(row)} id={id} title={title} row={row} portsOnly={collapsed} kept={!known} />
      ))}
      {layout.more && <MoreButton id={id} title={title} {...layout.more} />}
    </>
  )
})

const keyOf = ({ input, output }: Row): string => `${input?.name ?? ''} ${output?.name ?? ''}`

interface RowViewProps {
  readonly id: string
  readonly title: string
  readonly row: Row
  readonly portsOnly: boolean
  /** Shows the raw values of an unknown node. */
  readonly kept: boolean
}

const RowView = memo(function RowView({ id, title, row, portsOnly, kept }: RowViewProps) {
  const { input, output, y, height, field, outer } = row
  return (
    <>
      {input && <Port node={id} nodeTitle={title} side="input" spot={input} />}
      {output && <Port node={id} nodeTitle={title} side="output" spot={output} />}
      {portsOnly ? null : (
        <div className={styles.row} style={{ top: y, height }} data-field={field || undefined}>
          {input && field && <Field node={id} input={input.name} place="canvas" />}
          {input && !field && (
            <span className={styles.input} data-required={(input.required && !input.linked) || undefined}>
              {input.label}
              {outer !== undefined && <em className={styles.outer}>{t('canvas.node.outer', { input: outer })}</em>}
              {kept && <KeptValue node={id} input={input.name} />}
            </span>
          )}
          {output && <span className={styles.output}>{output.label}</span>}
        </div>
      )}
    </>
  )
})

/** A constant of an unknown input. */
function KeptValue({ node, input }: { readonly node: string; readonly input: string }) {
  const level = useLevel()
  const held = useDocument(({ workflow }) => {
    const found = nodeAt(workflow, level, node)
    return found && own(found.inputs, input)
  })
  if (held === undefined || isLink(held) || isOuter(held)) return null
  const value = JSON.stringify(held)
  return <em className={styles.outer}>{t('canvas.node.kept', { value })}</em>
}

interface MoreButtonProps {
  readonly id: string
  readonly title: string
  readonly y: number
  readonly hidden: boolean
}

function MoreButton({ id, title, y, hidden }: MoreButtonProps) {
  const tab = useTab()
  const flat = useFlatId(id)
  const toggle = () => {
    const more = new Set(tab.view.getState().more)
    if (hidden) more.add(flat)
    else more.delete(flat)
    tab.view.setState({ more })
  }
  return (
    <button
      type="button"
      className={`${styles.more} nodrag`}
      style={{ top: y }}
      aria-expanded={!hidden}
      aria-label={t(hidden ? 'canvas.node.moreOf' : 'canvas.node.lessOf', { node: title })}
      onClick={toggle}
    >
      {t(hidden ? 'canvas.node.more' : 'canvas.node.less')}
    </button>
  )
}
