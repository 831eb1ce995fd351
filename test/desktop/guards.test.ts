import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { patience } from '../browser/controls.ts'
import { electron, isMissing, newHome, type Program, startProgram } from './program.ts'
import { writeDocument } from './workflows.ts'

describe.skipIf(isMissing)(`the window’s page (${electron})`, () => {
  const home = newHome()
  const requests: string[] = []
  const foreign = createServer((request, response) => {
    requests.push(request.url ?? '')
    response.setHeader('content-type', 'text/html').end('<!doctype html><p>Another page</p>')
  })
  let other = ''
  let program: Program

  beforeAll(async () => {
    await once(foreign.listen(0, '127.0.0.1'), 'listening')
    other = `http://127.0.0.1:${(foreign.address() as AddressInfo).port}`
    const text = `[web](https://example.org/a?b=c) [plain](http://example.org/) [file](file:///etc/passwd) [script](javascript:alert(1))`
    const notes = [{ text, at: [0, -200], size: [400, 120] }]
    const path = await writeDocument(join(home, 'Notes.loom.json'), 'a note', { notes })
    program = await startProgram({ home, args: [path] })
  })
  afterAll(async () => {
    await program?.close()
    foreign.close()
  })

  it('asks before a note’s link is opened, and opens none but those of the web', async () => {
    const { page } = program
    const link = (name: string | RegExp) => page.getByRole('link', { name, exact: true })
    await link('web').click()
    expect(await program.dialog('showMessageBox')).toMatchObject({ detail: 'https://example.org/a?b=c' })
    await program.answer('showMessageBox', { response: 1 })
    expect(await link(/^(web|plain|file|script)$/).allInnerTexts()).toEqual(['web', 'plain'])
    await link('plain').click()
    expect(await program.dialog('showMessageBox', 2)).toMatchObject({ detail: 'http://example.org/' })
    expect(program.asked().filter(({ asked }) => asked === 'openExternal')).toEqual([])
    await program.answer('showMessageBox', { response: 0 })
    expect(await program.dialog('openExternal')).toBe('http://example.org/')
  })

  it('stays where it is, and opens no other window', async () => {
    const { page, app } = program
    const address = page.url()
    const asked = program.asked().length
    for (const target of ['file:///etc/passwd', 'data:text/html,a', 'javascript:alert(1)', 'latentloom://open', other])
      await page.evaluate((target) => {
        location.href = target
        window.open(target)
        const link = document.createElement('a')
        link.href = target
        document.body.append(link)
        link.click()
        link.remove()
      }, target)
    const frames = await page.evaluate(async (target) => {
      const frame = document.createElement('iframe')
      frame.src = target
      document.body.append(frame)
      await new Promise((resolve) => {
        frame.onload = resolve
        setTimeout(resolve, 1000)
      })
      frame.remove()
      return window.frames.length
    }, other)
    expect(frames).toBe(0)
    // Playwright waits for the end of what was refused
    expect(await program.inPage(`[location.href, document.querySelectorAll('[role=application]').length]`)).toEqual([
      address,
      1,
    ])
    expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
    expect(requests).toEqual([])
    // the one of the web, from `open` and from the link
    await expect.poll(() => program.asked().slice(asked), patience).toHaveLength(1)
    expect(program.asked().at(-1)).toMatchObject({ asked: 'showMessageBox', about: { detail: `${other}/` } })
    await program.answer('showMessageBox', { response: 1 })
  })

  it('comes back from an empty page, which nothing can keep it from', async () => {
    const { page } = program
    await page.evaluate(() => {
      location.href = 'about:blank'
    })
    await page.waitForURL(/^http/)
    await page.getByRole('application', { name: 'Canvas of nodes' }).waitFor()
  })

  it('has the clipboard and no other permission', async () => {
    const { page } = program
    const states = await page.evaluate(async () => {
      const query = async (name: string) => (await navigator.permissions.query({ name: name as PermissionName })).state
      const names = [
        'clipboard-read',
        'clipboard-write',
        'camera',
        'microphone',
        'geolocation',
        'notifications',
        'midi',
      ]
      const told = await Promise.all(names.map(async (name) => [name, await query(name)] as const))
      const place = await new Promise((resolve) => {
        navigator.geolocation.getCurrentPosition(
          () => resolve('told'),
          ({ code }) => resolve(code),
        )
      })
      return { ...Object.fromEntries(told), place, asked: await Notification.requestPermission() }
    })
    expect(states).toEqual({
      'clipboard-read': 'granted',
      'clipboard-write': 'granted',
      camera: 'denied',
      microphone: 'denied',
      geolocation: 'denied',
      notifications: 'denied',
      midi: 'denied',
      place: 1,
      asked: 'denied',
    })
  })

  it('has no Node, and only what the window answers', async () => {
    const given = await program.page.evaluate(() => [
      typeof Reflect.get(globalThis, 'require'),
      typeof Reflect.get(globalThis, 'process'),
      Object.keys(Reflect.get(globalThis, 'desktop')).includes('openDocument'),
    ])
    expect(given).toEqual(['undefined', 'undefined', true])
    const refused = program.page.evaluate(() => Reflect.get(globalThis, 'desktop').setUnsaved({ not: 'a boolean' }))
    await expect(refused).rejects.toThrow()
  })

  it.each(['foreign', 'data:text/html,a', 'about:blank', 'own'])(
    'is the only one that may ask: not %s',
    async (which) => {
      const address = which === 'foreign' ? other : which === 'own' ? program.page.url() : which
      const before = program.asked().length
      const told = await program.app.evaluate(async ({ BrowserWindow, app }, address) => {
        const preload = `${app.getAppPath()}/preload.cjs`
        const window = new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true } })
        await window.loadURL(address)
        const ask = 'desktop.openDocument().then(() => "answered", ({ message }) => message)'
        const told = await window.webContents.executeJavaScript(ask)
        window.destroy()
        return String(told)
      }, address)
      expect(told).toMatch(/may not ask|No handler registered/)
      expect(program.asked().length).toBe(before)
    },
  )

  it('is not answered from a frame inside it', async () => {
    const told = await program.app.evaluate(async ({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents
      const handlers: Map<string, (event: object, ...given: unknown[]) => unknown> = Reflect.get(
        contents?.ipc ?? {},
        '_invokeHandlers',
      )
      const ask = async (senderFrame: unknown) => {
        try {
          await handlers.get('verb:setUnsaved')?.({ senderFrame, sender: contents }, false)
          return 'answered'
        } catch (error) {
          return String(error)
        }
      }
      const url = contents?.getURL()
      return Promise.all(
        [{ url, parent: null }, { url, parent: {} }, { url: 'data:text/html,a', parent: {} }, null].map(ask),
      )
    })
    const no = 'Error: This page may not ask the window.'
    expect(told).toEqual(['answered', no, no, no])
  })
})
