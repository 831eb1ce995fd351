import type { Picture } from '#core/protocol/jobs.ts'
import { byteRoutes } from '#core/protocol/routes.ts'
import { useRun } from '../../store/context.ts'
import { picturesOf } from '../../store/jobs.ts'
import type { RunState } from '../../store/run-store.ts'
import { openDialog } from '../../store/ui.ts'
import { t } from '../../strings/t.ts'
import { dragOut } from '../../ui/drag-out.ts'
import { ServedImage } from '../../ui/served-image.tsx'
import styles from './form-panel.module.css'

/** The newest picture of the document. A click opens the viewer. */
export function FormResult() {
  const picture = useRun(newestPicture)
  if (!picture) return null
  return (
    <button
      type="button"
      className={styles.result}
      aria-label={t('panels.form.picture', { name: picture.name })}
      onClick={() => openDialog({ kind: 'viewer', picture: picture.id })}
    >
      <ServedImage
        src={byteRoutes.picture(picture.id)}
        width={picture.width}
        height={picture.height}
        alt=""
        {...dragOut(picture.id)}
      />
    </button>
  )
}

function newestPicture({ job, nodes }: RunState): Picture | undefined {
  let newest = job && picturesOf(job).at(-1)
  for (const { pictures } of nodes.values()) {
    for (const picture of pictures ?? []) if (!newest || picture.made > newest.made) newest = picture
  }
  return newest
}
