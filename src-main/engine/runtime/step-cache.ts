import type { RuntimeValue } from './values.ts'

interface Entry {
  readonly value: RuntimeValue
  readonly bytes: number
}

/**
 * Caches results of steps by key. Above the budget, the least recently used entries are evicted first. Entries that
 * the current run uses are pinned and stay even above the budget.
 */
export class StepCache {
  readonly #entries = new Map<string, Entry>()
  readonly #pinned = new Set<string>()
  readonly #budget: number
  readonly #release: (value: RuntimeValue) => Promise<void>
  #bytes = 0

  /**
   * @param budget maximum size of all entries in bytes
   * @param release frees the native memory of a value
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
    // a map keeps the order of insertion, so inserting again makes the entry the most recent
    if (entry) {
      this.#entries.delete(key)
      this.#entries.set(key, entry)
    }
    return entry?.value
  }

  /** Pins these keys and unpins all others. */
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

  /** Evicts the least recently used entries until `bytes` more fit into the budget or only pinned entries are left. */
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
