import type { Address } from './api-table.ts'

/** Releases what nobody released and nobody can reach any more. */
const forgotten = new FinalizationRegistry<() => void>((release) => release())

/** An object of ONNX Runtime, which is released once. */
export class Handle implements Disposable {
  readonly #release: (address: Address) => void
  #address: Address | undefined
  /** What native code reads as long as the object lives. */
  readonly holds: unknown

  constructor(address: Address, release: (address: Address) => void, holds?: unknown) {
    this.#address = address
    this.holds = holds
    this.#release = release
    forgotten.register(this, () => release(address), this)
  }

  /** @throws Error after the release, where native code would read freed memory */
  get address(): Address {
    if (this.#address === undefined) throw new Error('An object of ONNX Runtime was used after its release.')
    return this.#address
  }

  /** Hands the object over to the caller, who releases it. Undefined if it is released. */
  take(): Address | undefined {
    const address = this.#address
    this.#address = undefined
    forgotten.unregister(this)
    return address
  }

  release(): void {
    const address = this.take()
    if (address !== undefined) this.#release(address)
  }

  [Symbol.dispose](): void {
    this.release()
  }
}

/** The address that a function writes. */
export function written(write: (into: BigUint64Array) => void): Address {
  const into = new BigUint64Array(1)
  write(into)
  return into[0] ?? 0n
}

/** An object that a function makes, and what native code reads as long as it lives. */
export function made(
  make: (into: BigUint64Array) => void,
  release: (address: Address) => void,
  holds?: unknown,
): Handle {
  return new Handle(written(make), release, holds)
}
