/** More circles than this are not listed; a hostile graph has as many as links. */
const maxCycles = 20

export interface Order {
  /** What a thing depends on comes before it, circles aside. */
  readonly order: readonly string[]
  /** Each circle from one of its members around, without repeating it. */
  readonly cycles: readonly (readonly string[])[]
  /** At least one member of every circle. */
  readonly looping: ReadonlySet<string>
}

/** Sorts a graph so that dependencies come first; depth-first without recursion, since a chain may be long. */
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

/** "a → b → a", with the middle of a long circle left out. */
export function printCycle(cycle: readonly string[]): string {
  const shown = cycle.length > 8 ? [...cycle.slice(0, 7), '…'] : cycle
  return [...shown, cycle[0]].join(' → ')
}
