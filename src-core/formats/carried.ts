type Fields = Readonly<Record<string, unknown>>

/** What a picture or a document carries: values by name, and the last line of A1111's text. */
export class Carried {
  readonly #values: ReadonlyMap<string, unknown>
  readonly #objects = new Map<string, Fields | undefined>()
  /** `Steps: 20, Sampler: Euler a, ...`; '' without one. */
  readonly settings: string

  constructor(values: ReadonlyMap<string, unknown>, settings: string) {
    this.#values = values
    this.settings = settings
  }

  get names(): readonly string[] {
    return [...this.#values.keys()]
  }

  has(name: string): boolean {
    return this.#values.has(name)
  }

  value(name: string): unknown {
    return this.#values.get(name)
  }

  /** A text, also one that holds JSON; '' without it. */
  text(name: string): string {
    const value = this.#values.get(name)
    return typeof value === 'string' ? value : ''
  }

  /** A JSON object, or a text that holds one. */
  object(name: string): Fields | undefined {
    if (!this.#objects.has(name)) this.#objects.set(name, objectOf(this.#values.get(name)))
    return this.#objects.get(name)
  }

  /** A field of A1111's last line; '' without it. */
  setting(name: string): string {
    return new RegExp(`(?:^|, )${name}: ([^,]*)`).exec(this.settings)?.[1]?.trim() ?? ''
  }
}

/** Names under which programs write what others call `parameters`. */
const settingsNames = ['parameters', 'UserComment', 'Comment', 'ImageDescription', 'Description', 'description']

/** What a picture carries. The members of a comment that is a JSON object count as values of the picture. */
export function carriedByPicture(texts: ReadonlyMap<string, string>): Carried {
  const values = new Map<string, unknown>(texts)
  for (const name of settingsNames) {
    for (const [key, value] of Object.entries(objectOf(texts.get(name)) ?? {})) {
      if (!values.has(key)) values.set(key, value)
    }
  }
  const settings = settingsNames.map((name) => settingsOf(texts.get(name) ?? '')).find((line) => line !== '')
  return new Carried(values, settings ?? '')
}

/** What a JSON object carries, or a text like that of A1111. */
export function carriedByText(text: string): Carried {
  return new Carried(new Map(Object.entries(objectOf(text) ?? {})), settingsOf(text))
}

const settingsOf = (text: string): string => /^Steps: \d+(?:,.*)?$/m.exec(text)?.[0] ?? ''

export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function objectOf(value: unknown): Fields | undefined {
  const found = typeof value === 'string' && /^\s*\{/.test(value) ? parse(value) : value
  return isObject(found) ? found : undefined
}

/** JSON, also with the NaN of Python; undefined for other texts. */
function parse(text: string): unknown {
  for (const candidate of [text, text.replace(/([:[,]\s*)-?(?:NaN|Infinity)\b/g, '$1null')]) {
    try {
      return JSON.parse(candidate)
    } catch {
      // the next one
    }
  }
  return undefined
}
