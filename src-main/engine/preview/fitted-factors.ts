import { dirname, join } from 'node:path'
import { z } from 'zod'
import { type BaseFamily, baseFamilies, defaultFamily } from '#core/families/families.ts'
import type { RgbFactors } from '#core/families/family.ts'
import { writeFileAtomic } from '../files/atomic.ts'
import { makeFolder } from '../files/make-folder.ts'
import { readRegularText } from '../files/regular-file.ts'

const stored = z.array(z.array(z.number()).length(3)).min(2)

const usualFactors = (family = defaultFamily): RgbFactors => baseFamilies[family].latents.rgbFactors

/** RGB factors fitted to VAEs, by the identity of the file. They are stored in a folder for later processes. */
export class FittedFactors {
  readonly #known = new Map<string, RgbFactors | undefined>()
  readonly #families = new Map<string, BaseFamily>()
  readonly #folder: string | undefined

  /** @param folder cache folder; without it, factors last as long as the process */
  constructor(folder?: string) {
    this.#folder = folder
  }

  /**
   * The factors fitted to the VAE, or else the defaults of its family.
   * @param family if known. It is remembered for this VAE.
   */
  async of(vae: string | undefined, family?: BaseFamily): Promise<RgbFactors> {
    if (vae === undefined) return usualFactors(family)
    if (family) this.#families.set(vae, family)
    return (await this.#find(vae)) ?? usualFactors(this.#families.get(vae))
  }

  /** Fits once per VAE. */
  async learn(vae: string, make: () => Promise<RgbFactors>): Promise<void> {
    if (await this.#find(vae)) return
    const factors = await make()
    this.#known.set(vae, factors)
    const path = this.#pathOf(vae)
    if (path === undefined) return
    // if the folder is not writable, only the next process has to fit again
    await makeFolder(dirname(path))
      .then(() => writeFileAtomic(path, JSON.stringify(factors)))
      .catch(() => undefined)
  }

  async #find(vae: string): Promise<RgbFactors | undefined> {
    if (!this.#known.has(vae)) this.#known.set(vae, await this.#read(vae))
    return this.#known.get(vae)
  }

  async #read(vae: string): Promise<RgbFactors | undefined> {
    const path = this.#pathOf(vae)
    if (path === undefined) return undefined
    const text = await readRegularText(path).catch(() => '')
    try {
      return stored.safeParse(JSON.parse(text)).data
    } catch {
      return undefined
    }
  }

  #pathOf(vae: string): string | undefined {
    return this.#folder === undefined ? undefined : join(this.#folder, 'previews', `${vae}.json`)
  }
}
