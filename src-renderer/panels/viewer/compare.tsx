import type { ReactNode } from 'react'
import { byteRoutes } from '#core/protocol/routes.ts'
import { t } from '../../strings/t.ts'
import { ServedImage } from '../../ui/served-image.tsx'
import type { PanZoom } from './pan-zoom.ts'
import { Stage } from './stage.tsx'
import styles from './viewer.module.css'

/** Modes for comparing two pictures. */
export const compareModes = ['slider', 'sides', 'difference'] as const
export type CompareMode = (typeof compareModes)[number]

interface Props {
  readonly first: string
  readonly second: string
  /** Fraction of the frame that shows the first picture. */
  readonly split: number
  readonly view: PanZoom
  readonly change: (next: (view: PanZoom) => PanZoom) => void
}

const Picture = ({ id, className, clip }: { id: string; className?: string; clip?: string }) => (
  <ServedImage
    src={byteRoutes.picture(id)}
    alt=""
    draggable={false}
    {...(className && { className })}
    {...(clip && { style: { clipPath: clip } })}
  />
)

const modes: Readonly<Record<CompareMode, (props: Props) => ReactNode>> = {
  slider: ({ first, second, split, ...rest }) => (
    <Stage label={t('pictures.viewer.slider')} {...rest}>
      <Picture id={second} />
      <Picture id={first} clip={`inset(0 ${(1 - split) * 100}% 0 0)`} />
      <span className={styles.divider} style={{ left: `${split * 100}%` }} />
    </Stage>
  ),
  sides: ({ first, second, view, change }) => (
    <>
      <Stage label={t('pictures.viewer.first')} view={view} change={change}>
        <Picture id={first} />
      </Stage>
      <Stage label={t('pictures.viewer.second')} view={view} change={change}>
        <Picture id={second} />
      </Stage>
    </>
  ),
  difference: ({ first, second, view, change }) => (
    <Stage label={t('pictures.viewer.difference')} view={view} change={change}>
      <Picture id={first} />
      <Picture id={second} {...(styles.difference && { className: styles.difference })} />
    </Stage>
  ),
}

/** Two pictures with a common pan and zoom. */
export const Compare = ({ mode, ...props }: Props & { mode: CompareMode }) => modes[mode](props)
