import type { Workflow } from '#core/workflow/document.ts'
import { setVia } from '../../commands/links.ts'
import type { Command } from '../../store/command.ts'
import type { Level, LinkEnd, Point } from '../../store/graph.ts'
import { type LinkCurve, nearestSegment } from './link-curve.ts'

/** Adds a point to a link, at the nearest segment of its line. */
export const addVia = (
  workflow: Workflow,
  level: Level,
  end: LinkEnd,
  via: readonly Point[],
  curve: LinkCurve,
  point: Point,
): Command => setVia(workflow, level, end, via.toSpliced(nearestSegment(curve, point).segment, 0, point))
