/** Maximum number of listed cycles: a hostile graph has as many as links. */
const maxCycles = 20

export interface Order {
  /** Dependencies first, except in cycles. */
  readonly order: readonly string[]
  /** The members of each cycle in order, without repeating the first. */
  readonly cycles: readonly (readonly string[])[]
  /** At least one member of every cycle. */
  readonly looping: ReadonlySet<string>
}

/** Sorts a graph topologically, dependencies first. Depth-first without recursion, because a chain may be long. */
export function dependencyOrder(ids: Iterable<string>, dependenciesOf: (id: string) => readonly string[]): Order {
  const order: string[] = []
  const cycles: string[][] = []
  const looping = new Set<string>()
  const done = new Map<string, boolean>()
  for (const root of ids) {
    if (done.has(root)) continue
    const path = [{ id: root, rest: dependenciesOf(root).values() }]
    done.set(root, false)
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const { value: next } = top.rest.next()
      if (next === undefined) {
        path.pop()
        done.set(top.id, true)
        order.push(top.id)
      } else if (!done.has(next)) {
        done.set(next, false)
        path.push({ id: next, rest: dependenciesOf(next).values() })
      } else if (done.get(next) === false && !looping.has(next)) {
        looping.add(next)
        if (cycles.length < maxCycles)
          cycles.push(path.slice(path.findIndex(({ id }) => id === next)).map(({ id }) => id))
      }
    }
  }
  return { order, cycles, looping }
}

/** "a → b → a", without the middle of a long cycle. */
export function printCycle(cycle: readonly string[]): string {
  const shown = cycle.length > 8 ? [...cycle.slice(0, 7), '…'] : cycle
  return [...shown, cycle[0]].join(' → ')
}
