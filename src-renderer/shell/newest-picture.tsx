import { useEffect } from 'react'
import { useStore } from 'zustand'
import type { Picture } from '#core/protocol/jobs.ts'
import { byteRoutes } from '#core/protocol/routes.ts'
import { jobs, picturesOf } from '../store/jobs.ts'
import { loadPictures, pictures } from '../store/pictures.ts'
import { t } from '../strings/t.ts'
import { ServedImage } from '../ui/served-image.tsx'
import styles from './newest-picture.module.css'

/** A page with nothing but the newest picture, whoever has it drawn, for a window on another display. */
export function NewestPicture() {
  useEffect(() => {
    // without a list, pictures of the next jobs are shown
    loadPictures().catch(() => {})
  }, [])
  const kept = useStore(pictures, ({ list }) => list[0])
  const passing = useStore(jobs, (state) => newest([...state.jobs.values()].flatMap(picturesOf)))
  const picture = newest([kept, passing].filter((each) => each !== undefined))
  useEffect(() => {
    document.title = [picture?.name, t('shell.name')].filter((part) => part !== undefined).join(' – ')
  }, [picture?.name])
  if (!picture) return <p className={styles.none}>{t('pictures.gallery.empty')}</p>
  return (
    <ServedImage
      className={styles.picture}
      src={byteRoutes.picture(picture.id)}
      alt={t('pictures.gallery.picture', { name: picture.name })}
      draggable={false}
    />
  )
}

const newest = (some: readonly Picture[]): Picture | undefined =>
  some.reduce<Picture | undefined>((last, each) => (last && last.made >= each.made ? last : each), undefined)
