import { ImageUp } from 'lucide-react'
import { useRef, useState } from 'react'
import { byteRoutes } from '#core/protocol/routes.ts'
import { uploadPicture } from '../api/upload.ts'
import { t } from '../strings/t.ts'
import { showError } from '../ui/notices.ts'
import { ServedImage } from '../ui/served-image.tsx'
import { ariaOf, type ControlProps } from './control.ts'
import { FieldBox } from './field-box.tsx'
import styles from './fields.module.css'

/** Name of a picture on the server. Any other name is a file next to the document. */
const assetName = /^[0-9a-f]{64}\.[a-z]+$/

/** The field of a picture: chosen from disk, pasted or dropped. */
export function ImageField({ field }: ControlProps<'file'>) {
  const input = useRef<HTMLInputElement>(null)
  const [busy, setBusy] = useState(false)
  const name = String(field.value)
  const take = (files: FileList | null | undefined): boolean => {
    const picture = [...(files ?? [])].find(({ type }) => type.startsWith('image/'))
    if (!picture) return false
    setBusy(true)
    uploadPicture(picture)
      .then((asset) => {
        field.change(asset.name)
        field.end()
      })
      .catch(showError)
      .finally(() => setBusy(false))
    return true
  }
  return (
    <FieldBox
      field={field}
      stacked
      onPaste={(event) => {
        if (take(event.clipboardData.files)) event.preventDefault()
      }}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes('Files')) return
        event.preventDefault()
        event.stopPropagation()
      }}
      onDrop={(event) => {
        // only pictures are for this field; other files are for the canvas
        if (!take(event.dataTransfer.files)) return
        event.preventDefault()
        event.stopPropagation()
      }}
    >
      <button
        {...ariaOf(field)}
        type="button"
        className={styles.picture}
        disabled={busy}
        title={t('fields.pictureHint')}
        onClick={() => input.current?.click()}
      >
        {assetName.test(name) ? (
          <ServedImage
            src={byteRoutes.asset(name)}
            alt={t('fields.picture', { label: field.label })}
            draggable={false}
          />
        ) : (
          <span className={styles.blank}>
            <ImageUp size={18} aria-hidden />
            {name === '' ? t('fields.choosePicture') : name}
          </span>
        )}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        accept={field.port.accept?.join(',')}
        onChange={({ target }) => {
          take(target.files)
          target.value = ''
        }}
      />
    </FieldBox>
  )
}
