import type { ImageScaling } from '#core/plan/image-edit.ts'
import { choice } from '../kit/ports.ts'

const options: Readonly<Record<ImageScaling, string>> = {
  nearest: 'Nearest',
  area: 'Area',
  linear: 'Bilinear',
  cubic: 'Bicubic',
  mitchell: 'Mitchell',
  lanczos3: 'Lanczos',
}

export const method = choice({
  default: 'lanczos3',
  options,
  advanced: true,
  description:
    'How pixels between pixels are found. Lanczos is the sharpest, bicubic and Mitchell are softer and ring less, bilinear and area are plain averages, nearest repeats pixels and keeps pixel art.',
})
