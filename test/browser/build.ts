import { buildPage } from '../build-page.ts'
import { findBrowser } from './browser.ts'

/** Before all browser tests, once: builds the page and finds the browser for them. */
export async function setup(): Promise<void> {
  process.env.CHROMIUM = await findBrowser()
  await buildPage()
}
