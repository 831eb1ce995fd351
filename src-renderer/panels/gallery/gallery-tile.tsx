import { memo } from 'react'
import type { Picture } from '#core/protocol/jobs.ts'
import { byteRoutes } from '#core/protocol/routes.ts'
import { ui } from '../../store/ui.ts'
import { t } from '../../strings/t.ts'
import { dragOut } from '../../ui/drag-out.ts'
import { ServedImage } from '../../ui/served-image.tsx'
import styles from './gallery-panel.module.css'

interface Props {
  readonly picture: Picture
  readonly marked: boolean
  readonly mark: (id: string) => void
}

/** A thumbnail that opens the picture, and a checkbox for comparison. */
export const GalleryTile = memo(function GalleryTile({ picture, marked, mark }: Props) {
  const { id, name, width, height, seed } = picture
  return (
    <div className={styles.tile} data-marked={marked}>
      <button
        type="button"
        className={styles.thumbnail}
        title={t('pictures.gallery.details', { name, width, height, seed: seed ?? '–' })}
        onClick={() => ui.setState({ dialog: { kind: 'viewer', picture: id } })}
      >
        <ServedImage
          src={byteRoutes.thumbnail(id)}
          alt={t('pictures.gallery.picture', { name })}
          loading="lazy"
          draggable={false}
          {...dragOut(id)}
        />
      </button>
      <label className={styles.mark}>
        <input
          type="checkbox"
          checked={marked}
          onChange={() => mark(id)}
          aria-label={t('pictures.gallery.mark', { name })}
        />
      </label>
    </div>
  )
})
