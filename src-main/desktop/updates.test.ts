import { createHash } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { createRequire, Module } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { AppImageUpdater } from 'electron-updater'
import { ElectronHttpExecutor } from 'electron-updater/out/electronHttpExecutor.js'
import { afterEach, expect, it, vi } from 'vitest'
import { temporaryFolder } from '#test/golden-networks.ts'
import { openKept } from './kept.ts'
import { createUpdates } from './updates.ts'

class TestedUpdater extends AppImageUpdater {
  constructor(url: string, folder: string, ended: () => void) {
    const app = {
      version: '0.1.0',
      name: 'latent-loom',
      isPackaged: true,
      appUpdateConfigPath: join(folder, 'app-update.yml'),
      userDataPath: folder,
      baseCachePath: join(folder, 'cache'),
      whenReady: async () => {},
      relaunch: () => {},
      quit: ended,
      onQuit: () => {},
    }
    writeFileSync(app.appUpdateConfigPath, `provider: generic\nurl: ${url}\nupdaterCacheDirName: latent-loom\n`)
    super(undefined, app)
    // requests of plain Node in place of Chromium's; all else is the library's own
    Object.assign(this, { httpExecutor: Object.assign(new ElectronHttpExecutor(), { createRequest: request }) })
    this.logger = null
  }
}

const program = (says: string) => `#!/bin/sh\necho ${says} >>"$(dirname "$0")/started"\n`
const closing: (() => void)[] = []
afterEach(() => {
  vi.unstubAllEnvs()
  for (const close of closing.splice(0)) close()
})

/** A person's copy, a server with a newer one, and the answers to all that is asked, in turn. */
async function scene(
  answers: readonly number[],
  { offered = '0.2.0', setting = 'on' as 'unasked' | 'on', torn = false } = {},
) {
  const folder = temporaryFolder()
  const copy = join(folder, 'latent-loom.AppImage')
  writeFileSync(copy, program('old'), { mode: 0o755 })
  vi.stubEnv('APPIMAGE', copy)
  const news = program('new')
  const sha512 = createHash('sha512')
    .update(torn ? 'other bytes' : news)
    .digest('base64')
  const asked: string[] = []
  const paths: string[] = []
  const feed = [
    `version: ${offered}`,
    `files: [{ url: new.AppImage, sha512: '${sha512}', size: ${news.length} }]`,
    `releaseNotes: '**Faster.** <b>Much</b> faster.'`,
    `releaseDate: '2026-11-30T00:00:00.000Z'`,
  ].join('\n')
  const server = createServer(({ url = '' }, answer) => {
    const { pathname } = new URL(url, 'http://localhost')
    paths.push(pathname)
    if (pathname === '/latest-linux.yml') answer.end(feed)
    else if (pathname === '/new.AppImage') answer.end(news)
    else answer.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close())
  const ended = vi.fn()
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const kept = openKept(join(folder, 'window.json'))
  kept.change({ updates: setting })
  const left = [...answers]
  const updates = createUpdates({
    updater: new TestedUpdater(url, folder, ended),
    version: '0.1.0',
    kept,
    ask: async ({ message, detail, buttons }) => {
      asked.push(detail === undefined ? message : `${message} ${detail}`)
      return left.shift() ?? buttons.length - 1
    },
  })
  return { updates, asked, paths, kept, copy, ended, started: join(folder, 'started') }
}

const offer = 'Latent Loom 0.2.0 is there. This is 0.1.0.\n\nFaster. Much faster.'

it('asks before it looks, before it downloads and before it installs, and then starts the new version', async () => {
  const { resolve } = createRequire(import.meta.url)
  const electron = Object.assign(new Module('electron'), { exports: { autoUpdater: new EventEmitter() }, loaded: true })
  createRequire(import.meta.url).cache[resolve('electron')] = electron
  closing.push(() => void delete createRequire(import.meta.url).cache[resolve('electron')])

  const { updates, asked, paths, kept, copy, ended, started } = await scene([0, 0, 0], { setting: 'unasked' })
  await updates.atStart()
  expect(asked).toEqual([
    expect.stringMatching(/^Look for a new version at each start\?/),
    offer,
    expect.stringMatching(/^Latent Loom 0.2.0 can be installed now\./),
  ])
  expect(kept.state.updates).toBe('on')
  expect(paths).toContain('/new.AppImage')
  expect(readFileSync(copy, 'utf8')).toBe(program('new'))
  await expect.poll(() => existsSync(started) && readFileSync(started, 'utf8')).toBe('new\n')
  await expect.poll(() => ended.mock.calls.length).toBe(1)
})

it('contacts nobody when it may not look', async () => {
  const refused = await scene([1], { setting: 'unasked' })
  await refused.updates.atStart()
  await refused.updates.atStart()
  expect(refused.asked).toHaveLength(1)
  expect(refused.kept.state.updates).toBe('off')
  expect(refused.paths).toEqual([])
})

it.each([
  ['is not wanted', [1], [offer]],
  ['is not to be installed', [0, 1], [offer, expect.stringContaining('can be installed now')]],
])('leaves the program as it is when the new version %s', async (_, answers, questions) => {
  const { updates, asked, copy, ended } = await scene(answers)
  await updates.atStart()
  expect(asked).toEqual(questions)
  expect(readFileSync(copy, 'utf8')).toBe(program('old'))
  expect(ended).not.toHaveBeenCalled()
})

it('says nothing at a start that finds nothing new, and the truth when asked, where it can be turned off', async () => {
  const { updates, asked, kept } = await scene([0], { offered: '0.1.0' })
  await updates.atStart()
  expect(asked).toEqual([])
  await updates.whenAsked()
  expect(asked).toEqual(['Latent Loom 0.1.0 is the newest version. It looks for a new one at each start.'])
  expect(kept.state.updates).toBe('off')
})

it('installs nothing that is not what the release says', async () => {
  const { updates, asked, copy } = await scene([0, 0], { torn: true })
  await updates.atStart()
  expect(asked).toEqual([
    offer,
    expect.stringMatching(/^The new version could not be fetched\. sha512 checksum mismatch/),
  ])
  expect(readFileSync(copy, 'utf8')).toBe(program('old'))
})

it('leaves a copy of a package manager to it', async () => {
  const asked: string[] = []
  const updates = createUpdates({
    updater: undefined,
    version: '0.1.0',
    kept: openKept(join(temporaryFolder(), 'window.json')),
    ask: async ({ message }) => asked.push(message),
  })
  await updates.atStart()
  expect(asked).toEqual([])
  await updates.whenAsked()
  expect(asked).toEqual(['Latent Loom 0.1.0 does not update itself here.'])
})
