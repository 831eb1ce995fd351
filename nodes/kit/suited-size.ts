import { LoomError } from '#core/errors.ts'
import { type TypeOf, UNKNOWN } from '#core/types/types.ts'

/** Factors from which on an area or a side does not suit a model. Judged by eye, so that no usual size is blamed. */
const mostArea = 3
const mostSide = 2

/** Multiple that all sides have which a model was trained on, in pixels. */
const grid = 64

const isFar = (value: number, wanted: number, factor: number): boolean =>
  value > wanted * factor || value * factor < wanted

/** The sides of a picture in the same proportions, or the nearest that suit the model, with its area. */
function suited(width: number, height: number, side: number): { width: number; height: number } {
  const proportions = Math.min(Math.max(width / height, 1 / mostSide), mostSide)
  const rounded = (value: number) => Math.round(value / grid) * grid
  return { width: rounded(side * Math.sqrt(proportions)), height: rounded(side / Math.sqrt(proportions)) }
}

/** Advice for a latent whose size is far from that of the model's training pictures. */
export function unsuitedSize(
  { pictureSize: side }: TypeOf<'model'>,
  { width, height }: TypeOf<'latent'>,
): LoomError | undefined {
  if (side === undefined || width === UNKNOWN || height === UNKNOWN) return undefined
  const area = isFar(width * height, side ** 2, mostArea)
  if (!area && !isFar(width, side, mostSide) && !isFar(height, side, mostSide)) return undefined
  const effect = width * height > side ** 2 ? 'things repeat' : 'things fall apart'
  const message = `The picture is ${width} x ${height} pixels, but the model was trained on about ${side} x ${side}, so ${effect}.`
  const hint = `Make the latent ${side} x ${side}, or of other proportions of about that area. Scale the result for other sizes.`
  return new LoomError('mismatch', message, { input: 'latent', hint, sourceAnswers: suited(width, height, side) })
}
