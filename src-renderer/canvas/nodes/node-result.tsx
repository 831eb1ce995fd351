import { FileCheck } from 'lucide-react'
import { memo, useEffect, useRef } from 'react'
import type { Picture } from '#core/protocol/jobs.ts'
import type { PreviewFrame } from '#core/protocol/preview-frame.ts'
import { byteRoutes } from '#core/protocol/routes.ts'
import { useRun } from '../../store/context.ts'
import type { SavedFile } from '../../store/run-store.ts'
import { openDialog } from '../../store/ui.ts'
import { useFlatId } from '../../store/use-flat-id.ts'
import { printBytes } from '../../strings/bytes.ts'
import { t } from '../../strings/t.ts'
import { ServedImage } from '../../ui/served-image.tsx'
import styles from './node-result.module.css'

interface NodeResultProps {
  readonly id: string
  readonly title: string
  readonly y: number
}

/** The latest preview, the pictures or the saved file of a node. */
export const NodeResult = memo(function NodeResult({ id, title, y }: NodeResultProps) {
  const flat = useFlatId(id)
  const preview = useRun(({ nodes }) => nodes.get(flat)?.preview)
  const pictures = useRun(({ nodes }) => nodes.get(flat)?.pictures)
  const saved = useRun(({ nodes }) => nodes.get(flat)?.saved)
  if (saved && !preview && !pictures) return <Saved file={saved} y={y} />
  return (
    <div className={styles.result} style={{ top: y }} data-many={(pictures?.length ?? 0) > 1 || undefined}>
      {preview ? (
        <PreviewCanvas frame={preview} label={t('canvas.node.preview', { node: title })} />
      ) : (
        pictures?.slice(-4).map((picture) => <Thumbnail key={picture.id} picture={picture} />)
      )}
    </div>
  )
})

function Saved({ file: { name, bytes }, y }: { readonly file: SavedFile; readonly y: number }) {
  const said = t('canvas.node.saved', { name, size: printBytes(bytes) })
  return (
    <p className={styles.saved} style={{ top: y }} title={said}>
      <FileCheck size={14} aria-hidden />
      <span>{name}</span>
    </p>
  )
}

const Thumbnail = ({ picture: { id, name, width, height } }: { readonly picture: Picture }) => (
  <button
    type="button"
    className={`${styles.picture} nodrag`}
    aria-label={t('canvas.node.picture', { name })}
    onClick={() => openDialog({ kind: 'viewer', picture: id })}
  >
    <ServedImage src={byteRoutes.thumbnail(id)} width={width} height={height} alt="" draggable={false} />
  </button>
)

/** Paints the frame at its native size. CSS scales it. */
function PreviewCanvas({ frame, label }: { readonly frame: PreviewFrame; readonly label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const { width, height, rgb } = frame
  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (!context) return
    const image = context.createImageData(width, height)
    for (let pixel = 0; pixel < width * height; pixel++) {
      image.data[4 * pixel] = rgb[3 * pixel] ?? 0
      image.data[4 * pixel + 1] = rgb[3 * pixel + 1] ?? 0
      image.data[4 * pixel + 2] = rgb[3 * pixel + 2] ?? 0
      image.data[4 * pixel + 3] = 255
    }
    context.putImageData(image, 0, 0)
  }, [width, height, rgb])
  return <canvas ref={canvas} width={width} height={height} className={styles.preview} role="img" aria-label={label} />
}
