import { isFed, own } from '#core/workflow/document.ts'
import { FieldAt } from '../../fields/field.tsx'
import { hasField } from '../../fields/sizes.ts'
import { useDocument } from '../../store/context.ts'
import { signatureIn } from '../../store/signatures.ts'
import { t } from '../../strings/t.ts'
import styles from './form-panel.module.css'

interface FormEntryProps {
  readonly name: string
  readonly node: string
  readonly input: string
}

/** An input of the form, or the reason why it has no field. */
export function FormEntry({ name, node, input }: FormEntryProps) {
  const state = useDocument(({ workflow }) => {
    const found = own(workflow.nodes, node)
    const port = found && own(signatureIn(workflow, found)?.inputs ?? {}, input)
    if (!port || !hasField(port)) return 'gone'
    return isFed(own(found.inputs, input)) ? 'linked' : 'open'
  })
  if (state === 'open') return <FieldAt level={undefined} node={node} input={input} place="panel" label={name} />
  return (
    <p className={styles.empty}>
      {name}: {t(`panels.form.${state}`)}
    </p>
  )
}
