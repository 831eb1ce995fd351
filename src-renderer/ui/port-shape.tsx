import type { Kind } from '#core/types/types.ts'

const value = 'M6 2.5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 1 0 0-7z'

/** SVG paths by kind in a square of 12, so that kinds differ not only by colour. */
const outlines: Record<Kind, string> = {
  model: 'M6 1a5 5 0 1 0 0 10a5 5 0 1 0 0-10z',
  clip: 'M3.2 1.2h5.6L11.4 6l-2.6 4.8H3.2L.6 6z',
  vae: 'M6 .8l5.4 9.9H.6z',
  conditioning: 'M6 .3L11.7 6L6 11.7L.3 6z',
  latent: 'M1.5 1.5h9v9h-9z',
  image: 'M.5 2.5h11v7H.5z',
  mask: 'M6 1a5 5 0 0 0 0 10z',
  scheduler: 'M4 1h4v3h3v4H8v3H4V8H1V4h3z',
  controlnet: 'M6 .6l5.3 3.9l-2 6.3H2.7l-2-6.3z',
  int: value,
  float: value,
  text: value,
  seed: value,
  choice: value,
  file: value,
  list: 'M1.5 1.5h3v9h-3zM7.5 1.5h3v9h-3z',
  unknown: 'M2.5 1L6 4.5L9.5 1L11 2.5L7.5 6L11 9.5L9.5 11L6 7.5L2.5 11L1 9.5L4.5 6L1 2.5z',
  nothing: 'M1 5h10v2H1z',
}

interface PortShapeProps {
  readonly kind: Kind
  readonly filled: boolean
}

/** The shape of a kind, filled if the port is linked. */
export const PortShape = ({ kind, filled }: PortShapeProps) => (
  <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true" data-kind={kind}>
    <path
      d={outlines[kind]}
      fill={filled ? 'var(--kind)' : 'var(--surface-raised)'}
      stroke="var(--kind)"
      strokeWidth="1.5"
      strokeLinejoin="round"
    />
  </svg>
)
