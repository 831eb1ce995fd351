import { build } from 'vite'
import { findBrowser } from './browser.ts'

/** Before all browser tests, once: builds the page, so that they see what users see, and finds the browser for them. */
export async function setup(): Promise<void> {
  process.env.CHROMIUM = await findBrowser()
  await build({ logLevel: 'warn' })
}
