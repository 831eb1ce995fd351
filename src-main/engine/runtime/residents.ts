import type { DeviceMemory } from './device-memory.ts'

/** What holds memory of a device and can give it back. */
export interface Resident {
  readonly name: string
  /** What it holds there: weights, and what its runs have taken, which ONNX Runtime keeps for the next. */
  readonly bytes: number
  release(): Promise<void>
}

/**
 * Those that have to leave for `bytes` more to be within a budget, least recently used first.
 * @param held least recently used first
 */
export function leaving<R extends { readonly bytes: number }>(
  held: readonly R[],
  bytes: number,
  budget: number,
): readonly R[] {
  const sums = held.map((_, index) => held.slice(index).reduce((sum, each) => sum + each.bytes, bytes))
  const stay = sums.findIndex((sum) => sum <= budget)
  return stay < 0 ? held : held.slice(0, stay)
}

/**
 * The networks that are on a device. Within the budget they stay; beyond it the least recently used leave first, so that in
 * the end one network is there at a time.
 */
export class Residents {
  readonly memory: DeviceMemory
  /** Least recently used first. */
  readonly #held = new Set<Resident>()

  /** @param memory without a budget, all stay until an allocation fails; with a budget of 0, one is there at a time */
  constructor(memory: DeviceMemory) {
    this.memory = memory
  }

  get budget(): number | undefined {
    return this.memory.budget
  }

  /** Notes that it is there, and used last. */
  hold(resident: Resident): void {
    this.#held.delete(resident)
    this.#held.add(resident)
  }

  forget(resident: Resident): void {
    this.#held.delete(resident)
  }

  /** Releases others until `bytes` of `resident` are within the budget. Returns their names. */
  async makeRoom(resident: Resident, bytes: number): Promise<readonly string[]> {
    return this.budget === undefined ? [] : released(leaving(this.#others(resident), bytes, this.budget))
  }

  /** Releases all others. Returns their names. */
  async releaseOthers(resident: Resident): Promise<readonly string[]> {
    return released(this.#others(resident))
  }

  #others(resident: Resident): Resident[] {
    return Array.from(this.#held).filter((other) => other !== resident)
  }
}

async function released(residents: readonly Resident[]): Promise<readonly string[]> {
  for (const resident of residents) await resident.release()
  return residents.map(({ name }) => name)
}
