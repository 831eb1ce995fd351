import { Maximize, ZoomIn, ZoomOut } from 'lucide-react'
import { t } from '../../strings/t.ts'
import { fitView, zoomIn, zoomOut } from '../view/viewport.ts'
import styles from './canvas.module.css'

const controls = [
  { key: 'zoomIn', icon: ZoomIn, onClick: zoomIn },
  { key: 'zoomOut', icon: ZoomOut, onClick: zoomOut },
  { key: 'fit', icon: Maximize, onClick: fitView },
] as const

/** Buttons for zoom and view. */
export const CanvasControls = () => (
  <fieldset className={styles.controls} data-overlay aria-label={t('canvas.view.controls')}>
    {controls.map(({ key, icon: Icon, onClick }) => (
      <button
        key={key}
        type="button"
        aria-label={t(`canvas.view.${key}`)}
        title={t(`canvas.view.${key}`)}
        onClick={onClick}
      >
        <Icon size={16} strokeWidth={1.75} aria-hidden />
      </button>
    ))}
  </fieldset>
)
