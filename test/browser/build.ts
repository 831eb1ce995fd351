import { build } from 'vite'

/** Builds the page once before all browser tests: they see what users see. */
export async function setup(): Promise<void> {
  await build({ logLevel: 'warn' })
}
