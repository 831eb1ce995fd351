import type { RuntimeValue } from './values.ts'

interface Entry {
  readonly value: RuntimeValue
  readonly bytes: number
}

/**
 * Results of steps by key, the least recently used ended first when the budget is exceeded. What the run under way uses
 * is pinned: it stays, whatever it weighs.
 */
export class StepCache {
  readonly #entries = new Map<string, Entry>()
  readonly #pinned = new Set<string>()
  readonly #budget: number
  readonly #release: (value: RuntimeValue) => Promise<void>
  #bytes = 0

  /**
   * @param budget bytes that the entries may weigh together
   * @param release ends what a value holds outside of JavaScript's memory
   */
  constructor(budget: number, release: (value: RuntimeValue) => Promise<void>) {
    this.#budget = budget
    this.#release = release
  }

  has(key: string): boolean {
    return this.#entries.has(key)
  }

  get(key: string): RuntimeValue {
    const entry = this.#entries.get(key)
    // A map keeps the order of insertion: to insert anew is to become the most recent.
    if (entry) {
      this.#entries.delete(key)
      this.#entries.set(key, entry)
    }
    return entry?.value
  }

  /** Keeps these keys, and no others, until they are unpinned. */
  pin(keys: Iterable<string>): void {
    this.#pinned.clear()
    for (const key of keys) this.#pinned.add(key)
  }

  unpin(key: string): void {
    this.#pinned.delete(key)
  }

  set(key: string, value: RuntimeValue, bytes: number): void {
    this.#entries.set(key, { value, bytes })
    this.#bytes += bytes
  }

  /** Ends least recently used entries until `bytes` more would fit the budget, or only pinned ones are left. */
  async makeRoom(bytes: number): Promise<void> {
    for (const [key, entry] of [...this.#entries]) {
      if (this.#bytes + bytes <= this.#budget) return
      if (!this.#pinned.has(key)) await this.#end(key, entry)
    }
  }

  async clear(): Promise<void> {
    for (const [key, entry] of [...this.#entries]) await this.#end(key, entry)
  }

  async #end(key: string, entry: Entry): Promise<void> {
    this.#entries.delete(key)
    this.#bytes -= entry.bytes
    await this.#release(entry.value)
  }
}
