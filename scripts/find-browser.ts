/** Finds or fetches the browser of the tests, so that a machine without one is told in seconds, before all tests. */
import { findBrowser } from '../test/browser/browser.ts'

try {
  console.log(`Browser: ${await findBrowser()}`)
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}
