import { assignable } from '#core/types/assignable.ts'
import { convert } from '#core/types/convert.ts'
import type { Type } from '#core/types/types.ts'
import type { WorkflowNode } from '#core/workflow/document.ts'
import { own } from '#core/workflow/document.ts'
import type { InputPort, Port } from '#core/workflow/node-type.ts'

/** How well an output fits an input: 0 not at all, 1 with a conversion or as far as known, 2 exactly. */
export function fitOf(from: Type, to: Type): 0 | 1 | 2 {
  if (!convert(from, to)) return 0
  return from.kind === to.kind && from.kind !== 'unknown' && assignable(from, to) ? 2 : 1
}

/** The first item of the highest rank, if above 0. */
function best<T>(items: Iterable<T>, rank: (item: T) => number): T | undefined {
  let found: T | undefined
  let highest = 0
  for (const item of items) {
    const height = rank(item)
    if (height > highest) {
      found = item
      highest = height
    }
  }
  return found
}

/** The best input for a link from an output of this type. Prefers a free input that fits. */
export function bestInput(
  from: Type,
  ports: Readonly<Record<string, InputPort>>,
  inputs: WorkflowNode['inputs'],
): string | undefined {
  const found = best(Object.entries(ports), ([name, port]) => {
    const fits = fitOf(from, port.type)
    return fits && fits * 4 + (own(inputs, name) === undefined ? 2 : 0) + (port.optional ? 0 : 1)
  })
  return found?.[0]
}

/** The best output for a link to an input of this type. */
export const bestOutput = (ports: Readonly<Record<string, Port>>, to: Type): string | undefined =>
  best(Object.entries(ports), ([, port]) => fitOf(port.type, to))?.[0]
