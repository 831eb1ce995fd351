import type { Point } from '../store/graph.ts'

/** Nodes lie on multiples of this. */
export const gridSize = 8

/** The multiple of the grid size that `round` chooses. Never -0, which differs from 0 in a document. */
export const snapped = (value: number, round: (cells: number) => number = Math.round): number =>
  round(value / gridSize) * gridSize + 0

/** The nearest point of the grid. */
export const onGrid = ([x, y]: Point): Point => [snapped(x), snapped(y)]
