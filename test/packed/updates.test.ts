import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, inject, it } from 'vitest'
import { programVersion } from '#main/program.ts'
import { patience } from '../browser/controls.ts'
import { newHome } from '../desktop/program.ts'
import { attach } from './attach.ts'

const address = join(inject('packed').resources, 'app-update.yml')
afterEach(() => rmSync(address, { force: true }))

/** What happens then is tested with the real library in src-main/desktop/updates.test.ts. */
it.skipIf(process.platform !== 'linux')(
  'looks for a new version at a start where that is wanted, and nowhere else',
  async () => {
    const asked: string[] = []
    const server = createServer(({ url = '' }, answer) => {
      asked.push(new URL(url, 'http://localhost').pathname)
      answer.end(
        `version: ${programVersion}\nfiles: [{ url: a.AppImage, sha512: a }]\nreleaseDate: '2026-11-30T00:00:00.000Z'\n`,
      )
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    writeFileSync(address, `provider: generic\nurl: http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
    const start = async (updates: string, env: Readonly<Record<string, string>>) => {
      const home = newHome()
      mkdirSync(join(home, 'settings'))
      writeFileSync(join(home, 'settings', 'window.json'), JSON.stringify({ updates }))
      const { child } = await attach({ home, env })
      return child
    }
    const asAppImage = { APPIMAGE: join(newHome(), 'latent-loom.AppImage') }
    const silent = [await start('off', asAppImage), await start('on', {})]
    expect(asked).toEqual([])
    const looking = await start('on', asAppImage)
    await expect.poll(() => asked, patience).toEqual(['/latest-linux.yml'])
    for (const child of [...silent, looking]) child.kill('SIGKILL')
    server.close()
  },
)
