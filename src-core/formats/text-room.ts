import { LoomError } from '#core/errors.ts'

/** Maximum size in bytes of all texts of a picture together, inflated. */
const maxTextBytes = 16 * 1024 * 1024
const maxTexts = 100_000

/** Counts what the texts of one picture take, so that a hostile file cannot exhaust memory. */
export class TextRoom {
  #room = maxTextBytes
  #count = 0
  readonly #picture: string

  /** @param picture how errors call the file: "PNG file" */
  constructor(picture: string) {
    this.#picture = picture
  }

  /** Bytes that the next text may take. */
  get left(): number {
    return this.#room
  }

  /** @throws LoomError `limit` above 100,000 texts */
  count(): void {
    this.#count += 1
    if (this.#count > maxTexts) {
      throw new LoomError('limit', `The ${this.#picture} has more than ${maxTexts} texts.`)
    }
  }

  /** @throws LoomError `limit` if the texts are longer than 16 MiB together */
  take(bytes: number, name: string): void {
    this.#room -= bytes
    if (this.#room >= 0) return
    throw new LoomError(
      'limit',
      `The texts of the ${this.#picture} are longer than ${maxTextBytes} bytes, with "${name}".`,
      {
        hint: 'Such a file is made to exhaust memory, or it carries data that is no text. Use another one.',
      },
    )
  }
}
