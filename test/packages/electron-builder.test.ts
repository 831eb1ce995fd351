import { validateConfiguration } from 'app-builder-lib/out/util/config/config.js'
import type { Configuration } from 'electron-builder'
import { expect, it } from 'vitest'
import config from '../../electron-builder.config.ts'

const silent = { isEnabled: false } as Parameters<typeof validateConfiguration>[1]
const valid = (config: object) => validateConfiguration(config as Configuration, silent)

it("keeps to electron-builder's schema, also for the systems on which it was never run", async () => {
  await valid(config)
  for (const part of ['linux', 'deb', 'win', 'nsis', 'mac']) {
    const wrong = { ...config, [part]: { ...Reflect.get(config, part), notAnOption: true } }
    await expect(valid(wrong), part).rejects.toThrow(`configuration.${part} `)
  }
})

it('packs for three systems, and shuts what would let others into the program', () => {
  const targets = [config.linux, config.win, config.mac].map((system) => system?.target)
  expect(targets).toEqual([
    ['AppImage', 'deb'],
    ['nsis', 'zip'],
    ['dmg', 'zip'],
  ])
  expect(config.nsis).toMatchObject({ perMachine: false, deleteAppDataOnUninstall: false })
  expect(config.electronFuses).toMatchObject({
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
  })
})

it('shows what is new in the newest version before an update', () => {
  expect(config.releaseInfo?.releaseNotes).toMatch(/^\*\*/)
  expect(config.releaseInfo?.releaseNotes).not.toContain('\n## ')
})
