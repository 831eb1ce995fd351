import { LoomError } from '#core/errors.ts'

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

/** Keys and indices from the root to a value. */
export type JsonPath = readonly (string | number)[]

type Container = Json[] | Record<string, Json>

/** Deep enough for every workflow, and shallow enough for code that walks a document recursively. */
const maxDepth = 200

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const literals: readonly (readonly [string, Json])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
]
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

/**
 * Parses JSON (RFC 8259) strictly. `JSON.parse` will not do: it keeps the last of two equal keys, rounds integers above
 * 2^53 and turns 1e400 into infinity. Here these are errors, and `__proto__` is a plain key. Never recurses.
 * @throws LoomError `parse` or `limit`, with line and column
 */
export function parseJson(text: string): Json {
  return new Parser(text).document()
}

/** Line and column (from 1) of the value at `path` in a text that `parseJson` accepts. */
export function locate(text: string, path: JsonPath): string {
  const parser = new Parser(text, path)
  parser.document()
  return place(text, parser.found)
}

/** "line 3, column 7" */
function place(text: string, offset: number): string {
  const before = text.slice(0, offset)
  const line = before.split(/\r\n|\r|\n/).length
  const column = offset - Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r'))
  return `line ${line}, column ${column}`
}

class Parser {
  /** Offset of the value at the wanted path, or of its nearest ancestor. */
  found = 0
  #at = 0
  readonly #text: string
  readonly #stack: Container[] = []
  /** Key or index in each container of the stack. */
  readonly #path: (string | number)[] = []
  readonly #wanted: JsonPath | undefined
  /** Number of steps of the wanted path found so far. */
  #foundDepth = 0

  constructor(text: string, wanted?: JsonPath) {
    this.#text = text
    this.#wanted = wanted
  }

  document(): Json {
    this.#space()
    if (this.#at === this.#text.length) this.#fail('it is empty')
    let value = this.#value()
    for (;;) {
      // a container just opened waits for its first entry; any other value is complete and goes to its owner
      const opened = this.#stack.at(-1)
      if (opened !== undefined && opened === value) {
        const next = this.#first(opened)
        if (next !== undefined) {
          value = next
          continue
        }
        this.#stack.pop()
      }
      const rest = this.#finish(value)
      if (rest.done) return rest.value
      value = rest.value
    }
  }

  /** Adds a complete value to its owner, closes the containers that end here, and reads the next value. */
  #finish(complete: Json): { readonly done: boolean; readonly value: Json } {
    let value = complete
    for (;;) {
      const owner = this.#stack.at(-1)
      const key = this.#path.at(-1)
      this.#space()
      if (owner === undefined || key === undefined) {
        if (this.#at < this.#text.length) this.#fail(`${this.#next()} follows its end`)
        return { done: true, value }
      }
      put(owner, key, value)
      this.#path.pop()
      const end = Array.isArray(owner) ? ']' : '}'
      if (this.#take(',')) {
        this.#space()
        return { done: false, value: this.#entry(owner, Array.isArray(owner) ? owner.length : undefined) }
      }
      if (!this.#take(end)) this.#fail(`"," or "${end}" is missing before ${this.#next()}`)
      this.#stack.pop()
      value = owner
    }
  }

  /** The first entry of a container, or undefined if it is empty. */
  #first(container: Container): Json | undefined {
    this.#space()
    if (this.#take(Array.isArray(container) ? ']' : '}')) return undefined
    return this.#entry(container, Array.isArray(container) ? 0 : undefined)
  }

  #entry(container: Container, index: number | undefined): Json {
    if (index !== undefined) {
      this.#path.push(index)
      return this.#value()
    }
    const start = this.#at
    if (this.#text[start] !== '"') this.#fail(`a key in double quotes is missing before ${this.#next()}`)
    const key = this.#string()
    if (Object.hasOwn(container, key)) {
      this.#at = start
      this.#fail(`the key ${quote(key)} is there twice in one object`)
    }
    this.#space()
    if (!this.#take(':')) this.#fail(`":" is missing after the key ${quote(key)}`)
    this.#space()
    this.#path.push(key)
    return this.#value()
  }

  /** A scalar, or a container that was just opened and pushed. */
  #value(): Json {
    this.#note()
    const next = this.#text[this.#at]
    if (next === '"') return this.#string()
    if (next === '{' || next === '[') {
      if (this.#stack.length === maxDepth) {
        throw new LoomError('limit', `The document is nested deeper than ${maxDepth} levels at ${this.#place()}.`, {
          hint: 'No workflow is that deep; this file was not made by Latent Loom.',
        })
      }
      this.#at += 1
      const container: Container = next === '[' ? [] : {}
      this.#stack.push(container)
      return container
    }
    for (const [word, value] of literals) if (this.#take(word)) return value
    return this.#number()
  }

  #number(): number {
    number.lastIndex = this.#at
    const digits = number.exec(this.#text)?.[0]
    if (digits === undefined) return this.#fail(`a value is missing before ${this.#next()}`)
    const value = Number(digits)
    const exact = Number.isFinite(value) && (/[.eE]/.test(digits) || Number.isSafeInteger(value))
    if (!exact) {
      throw new LoomError(
        'range',
        `The number ${shortened(digits)} at ${this.#place()} is too large to be kept exactly.`,
        {
          hint: 'Put large whole numbers, such as seeds, in double quotes.',
        },
      )
    }
    this.#at += digits.length
    return value
  }

  #string(): string {
    this.#at += 1
    let value = ''
    let start = this.#at
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      if (code === 0x22) break
      if (Number.isNaN(code)) this.#fail('it ends inside a text')
      if (code < 0x20) this.#fail('a text holds a bare control character')
      this.#at += 1
      if (code !== 0x5c) continue
      value += this.#text.slice(start, this.#at - 1) + this.#escape()
      start = this.#at
    }
    value += this.#text.slice(start, this.#at)
    this.#at += 1
    return value
  }

  #escape(): string {
    const letter = this.#text.charAt(this.#at)
    const hex = letter === 'u' ? this.#text.slice(this.#at + 1, this.#at + 5) : ''
    if (/^[0-9a-fA-F]{4}$/.test(hex)) {
      this.#at += 5
      return String.fromCharCode(Number.parseInt(hex, 16))
    }
    const plain = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined
    if (plain === undefined)
      return this.#fail(letter === '' ? 'it ends inside a text' : 'a text holds an unknown escape')
    this.#at += 1
    return plain
  }

  /** Records the start of the value if it is on the wanted path. */
  #note(): void {
    const depth = this.#path.length
    if (this.#wanted === undefined || depth > this.#wanted.length || depth < this.#foundDepth) return
    if (this.#path.some((key, level) => key !== this.#wanted?.[level])) return
    this.found = this.#at
    this.#foundDepth = depth
  }

  #space(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
      this.#at += 1
    }
  }

  #take(mark: string): boolean {
    if (!this.#text.startsWith(mark, this.#at)) return false
    this.#at += mark.length
    return true
  }

  #next(): string {
    const code = this.#text.codePointAt(this.#at)
    return code === undefined ? 'its end' : quote(String.fromCodePoint(code))
  }

  #place(): string {
    return place(this.#text, this.#at)
  }

  #fail(what: string): never {
    throw new LoomError('parse', `The document is not valid JSON: ${what} (${this.#place()}).`, {
      hint:
        this.#at < this.#text.length
          ? 'Correct the file at that place.'
          : 'The file was probably cut off; get it again.',
    })
  }
}

/** Sets an own property, even for the key `__proto__`. */
function put(owner: Container, key: string | number, value: Json): void {
  if (Array.isArray(owner)) owner.push(value)
  else if (key !== '__proto__') owner[key] = value
  else Object.defineProperty(owner, key, { value, enumerable: true, configurable: true, writable: true })
}

const shortened = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text)

const quote = (text: string): string => JSON.stringify(shortened(text))
