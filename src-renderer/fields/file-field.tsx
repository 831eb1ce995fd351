import { useStore } from 'zustand'
import { byteRoutes } from '#core/protocol/routes.ts'
import { useTab } from '../store/context.ts'
import { library, loadModels } from '../store/library.ts'
import { printBytes } from '../strings/bytes.ts'
import { t } from '../strings/t.ts'
import { showError } from '../ui/notices.ts'
import type { ControlProps } from './control.ts'
import { FieldBox } from './field-box.tsx'
import styles from './fields.module.css'
import { nearestNames, rankFiles } from './file-fit.ts'
import { ImageField } from './image-field.tsx'
import { linkedModel } from './linked-model.ts'
import { PickerButton } from './picker-button.tsx'

/** The field of a file: a model or a picture. */
export function FileField({ field, type }: ControlProps<'file'>) {
  return type.of === 'image' ? <ImageField field={field} type={type} /> : <ModelFileField field={field} type={type} />
}

/** The field of a model file. The list shows files that fit the graph first, and no file if that is allowed. */
function ModelFileField({ field, type }: ControlProps<'file'>) {
  const tab = useTab()
  const models = useStore(library, (state) => state.models)
  const optional = field.port.optional === true
  const name = String(field.value)
  const missing = name !== '' && models.length > 0 && !models.some((file) => file.name === name) ? name : undefined
  const choose = (chosen: string) => {
    if (chosen === '') field.reset()
    else field.change(chosen)
    field.end()
  }
  const items = () => {
    const model = linkedModel(tab, field.address, type.of)
    const files = rankFiles(models, { kind: type.of, model, missing }).map(({ file, reason }) => ({
      key: file.name,
      title: file.name,
      detail: reason ?? [file.summary, printBytes(file.bytes)].join(', '),
      picture: file.hasPicture ? byteRoutes.modelPicture(file.id) : undefined,
      disabled: reason !== undefined,
    }))
    return optional ? [{ key: '', title: t('fields.empty') }, ...files] : files
  }
  return (
    <FieldBox
      field={field}
      below={
        field.problem &&
        missing !== undefined && <Nearest names={nearestNames(models, type.of, missing)} onChoose={choose} />
      }
    >
      <PickerButton
        field={field}
        shown={name === '' ? t(optional ? 'fields.empty' : 'fields.chooseFile') : name.slice(name.lastIndexOf('/') + 1)}
        value={name}
        items={items}
        onOpen={() => void loadModels().catch(showError)}
        onChoose={choose}
      />
    </FieldBox>
  )
}

/** Files with names similar to a missing one. */
function Nearest({
  names,
  onChoose,
}: {
  readonly names: readonly string[]
  readonly onChoose: (name: string) => void
}) {
  return (
    <div className={styles.nearest}>
      {names.map((name) => (
        <button key={name} type="button" className={styles.offer} onClick={() => onChoose(name)}>
          {t('fields.useInstead', { name })}
        </button>
      ))}
    </div>
  )
}
