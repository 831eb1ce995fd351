import { type ErrorCode, LoomError } from '#core/errors.ts'

/** The hint for a damaged model file. */
export const downloadAgain =
  'Download the file again; the download was probably cut off or answered with something else.'

/** A name from a file, for use in a message: quoted, control characters escaped, cut after 120 characters. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 120 ? `${name.slice(0, 120)}…` : name)
}

const quote = 0x22
const backslash = 0x5c
const zero = 0x30

/**
 * A scanner for the JSON of a safetensors header: objects, strings, lists and unsigned integers. `JSON.parse` will not
 * do, because it keeps the last of two equal names and rounds integers above 2^53. The scanner never recurses: the
 * caller's grammar bounds the depth, so hostile nesting ends at the first wrong character. Every error names the path
 * of members that leads to it, the tensor first.
 */
export class HeaderScanner {
  #at = 0
  readonly #text: string
  readonly #path: string[] = []

  constructor(text: string) {
    this.#text = text
  }

  fail(what: string, code: ErrorCode = 'parse'): never {
    const place = [...this.#path.map(quoted), `character ${this.#at}`].join(', ')
    throw new LoomError(code, `The safetensors header is not valid at ${place}: ${what}.`, { hint: downloadAgain })
  }

  #skipSpace(): void {
    const text = this.#text
    let at = this.#at
    for (;;) {
      const code = text.charCodeAt(at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) break
      at += 1
    }
    this.#at = at
  }

  /** Consumes `mark` if it comes next, and tells whether it did. */
  take(mark: string): boolean {
    this.#skipSpace()
    if (this.#text.slice(this.#at, this.#at + mark.length) !== mark) return false
    this.#at += mark.length
    return true
  }

  #expect(mark: string): void {
    if (!this.take(mark)) this.#unexpected(`"${mark}"`)
  }

  #unexpected(wanted: string): never {
    const next = this.#text.codePointAt(this.#at)
    const found = next === undefined ? 'the end' : quoted(String.fromCodePoint(next))
    this.fail(`expected ${wanted}, found ${found}`)
  }

  /** Checks that only white space follows. */
  end(): void {
    this.#skipSpace()
    if (this.#at < this.#text.length) this.#unexpected('the end')
  }

  /** Reads an object: calls `member` at the value of each of its members. */
  object(member: (name: string) => void): void {
    this.#expect('{')
    if (this.take('}')) return
    do {
      const name = this.string()
      this.#path.push(name)
      this.#expect(':')
      member(name)
      this.#path.pop()
    } while (this.take(','))
    this.#expect('}')
  }

  string(): string {
    if (!this.take('"')) this.#unexpected('a text')
    const text = this.#text
    const start = this.#at
    let at = start
    let escaped = false
    for (; ; at += 1) {
      const code = text.charCodeAt(at)
      if (code === quote) break
      // also false for NaN, the result of charCodeAt after the end
      if (!(code >= 0x20)) {
        this.#at = Math.min(at, text.length)
        this.#unexpected("the text's closing quote")
      }
      if (code === backslash) {
        escaped = true
        at += 1
      }
    }
    this.#at = at + 1
    return escaped ? this.#unescape(text.slice(start, at)) : text.slice(start, at)
  }

  #unescape(raw: string): string {
    let value: string
    try {
      value = JSON.parse(`"${raw}"`)
    } catch {
      return this.fail('the text holds an unknown escape')
    }
    if (!value.isWellFormed()) this.fail('the text holds half a surrogate pair')
    return value
  }

  /** Reads an integer from 0 to 2^53 - 1, written in digits alone. */
  unsigned(): number {
    this.#skipSpace()
    const text = this.#text
    const start = this.#at
    let at = start
    let value = 0
    for (;;) {
      const digit = text.charCodeAt(at) - zero
      if (!(digit >= 0 && digit <= 9)) break
      value = value * 10 + digit
      at += 1
    }
    const leadingZero = at > start + 1 && text.charCodeAt(start) === zero
    if (at === start || leadingZero || '.eE'.includes(text.charAt(at) || ' ')) {
      this.#unexpected('a whole number from 0 in plain digits')
    }
    if (!Number.isSafeInteger(value))
      this.fail(`${text.slice(start, Math.min(at, start + 24))} is above 2^53 - 1`, 'limit')
    this.#at = at
    return value
  }

  /** Reads a list of at most `limit` unsigned integers. */
  unsignedList(limit: number): number[] {
    const list: number[] = []
    this.#expect('[')
    if (this.take(']')) return list
    do {
      if (list.length === limit) this.fail(`the list has more than ${limit} numbers`, 'limit')
      list.push(this.unsigned())
    } while (this.take(','))
    this.#expect(']')
    return list
  }
}
