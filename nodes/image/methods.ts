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
    'How pixels are interpolated. Lanczos is the sharpest. Bicubic and Mitchell are softer and ring less. Bilinear and area are plain averages. Nearest repeats pixels, which suits pixel art.',
})
