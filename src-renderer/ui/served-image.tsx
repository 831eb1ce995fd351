import { type ComponentProps, useState } from 'react'

/** Milliseconds before a picture that did not come is asked for again. */
const pause = 1000

interface ServedImageProps extends ComponentProps<'img'> {
  readonly src: string
  /** Called when the picture did not come the second time either. */
  readonly onMissing?: () => void
}

/** A picture of the server. It is asked for twice, and leaves nothing broken behind if it does not come. */
export const ServedImage = (props: ServedImageProps) => <Image key={props.src} {...props} />

function Image({ src, onMissing, ...props }: ServedImageProps) {
  const [failures, setFailures] = useState(0)
  if (failures > 1) return null
  const fail = () => {
    if (failures === 0) setTimeout(() => setFailures(1), pause)
    else {
      setFailures(2)
      onMissing?.()
    }
  }
  // biome-ignore lint/a11y/useAltText: the caller gives it
  return <img {...props} src={failures === 0 ? src : `${src}?again`} onError={fail} />
}
