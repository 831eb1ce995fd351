import { expect, it } from 'vitest'
import { findBrowser, type Places } from './browser.ts'
import { startEditor } from './editor.ts'
import { usualPlaces } from './installed.ts'

/** A machine where these browsers are installed, and of all there are only some open a page. */
const machine = (installed: readonly string[], working: readonly string[]): Places => ({
  named: undefined,
  installed: () => installed,
  sources: [
    { name: 'for others', fits: false, fetch: async () => '/for-others' },
    { name: 'the registry', fits: true, fetch: async () => '/fetched' },
  ],
  async tryOut(path) {
    if (!working.includes(path)) throw new Error('libnss3.so is missing\nand more')
  },
})

it('takes the first installed browser that opens a page', async () => {
  expect(await findBrowser(machine(['/stub', '/chrome', '/edge'], ['/chrome', '/edge']))).toBe('/chrome')
})

it('fetches one when none works', async () => {
  expect(await findBrowser(machine(['/stub'], ['/fetched', '/for-others']))).toBe('/fetched')
})

it('counts only the browser that is named', async () => {
  const places = machine(['/chrome'], ['/chrome', '/mine'])
  expect(await findBrowser({ ...places, named: '/mine' })).toBe('/mine')
  await expect(findBrowser({ ...places, named: '/stub' })).rejects.toThrow(
    'The browser that CHROMIUM names does not open a page (/stub: libnss3.so is missing).',
  )
})

it('says in one sentence that there is none, and what was tried', async () => {
  const places = machine(['/stub'], [])
  const sources = [{ name: 'npm install it', fits: true, fetch: () => Promise.reject(new Error('no network')) }]
  await expect(findBrowser({ ...places, sources })).rejects.toThrow(
    /^The tests need a browser: install Chrome, Edge or Chromium, or name one in CHROMIUM \(\/stub: libnss3.so is missing; npm install it: no network\)\.$/,
  )
})

it.each([
  ['linux', '/usr/bin/google-chrome'],
  ['darwin', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'],
  ['darwin', '/Users/me/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge'],
  ['win32', 'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe'],
] as const)('looks on %s for %s', (platform, path) => {
  const env = { PATH: '/bin:/usr/bin', 'PROGRAMFILES(X86)': 'C:\\Program Files (x86)' }
  expect(usualPlaces({ platform, env, home: '/Users/me' })).toContain(path)
})

it('ends the server when the browser does not start', async () => {
  const children = () => process.getActiveResourcesInfo().filter((kind) => kind === 'ProcessWrap').length
  const before = children()
  await expect(startEditor({}, () => Promise.reject(new Error('no browser')))).rejects.toThrow('no browser')
  expect(children()).toBe(before)
})
