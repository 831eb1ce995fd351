import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { patience } from './controls.ts'
import { serveEditor } from './editor.ts'
import { sharedBrowser } from './stories.ts'
import { freePort, installedProxies, startProxy } from './tls-proxies.ts'

const found = installedProxies()

describe.skipIf(found.length === 0)(
  found.length === 0
    ? 'behind a proxy with TLS (skipped: neither Caddy nor nginx is installed)'
    : 'behind a proxy with TLS',
  () => {
    it.each(found)('works in the browser, the WebSocket included: $command', async (proxy) => {
      const port = await freePort()
      // browsers take every name below localhost for this machine
      const name = 'studio.localhost'
      const origin = `https://${name}:${port}`
      const folder = mkdtempSync(join(tmpdir(), 'latent-loom-proxy-'))
      const editor = await serveEditor({ origins: [origin] })
      const context = await (await sharedBrowser()).newContext()
      const stop = await startProxy(proxy, { folder, name, port, to: Number(new URL(editor.url).port) })
      try {
        const page = await context.newPage()
        const sockets: string[] = []
        const received: string[] = []
        page.on('websocket', (socket) => {
          sockets.push(socket.url())
          socket.on('framereceived', ({ payload }) => received.push(String(payload)))
        })
        await page.goto(`${origin}/${new URL(editor.url).search}`)
        await page.getByRole('application', { name: 'Canvas of nodes' }).waitFor()
        await expect.poll(() => received.at(0), patience).toContain('"hello"')
        expect(sockets).toEqual([`wss://${name}:${port}/api/events`])
        const posted = await page.evaluate(async () => {
          const headers = { 'content-type': 'application/json' }
          return (await fetch('/api/interrupt', { method: 'POST', headers, body: '{}' })).status
        })
        expect(posted).toBe(200)
      } finally {
        await context.close()
        await stop()
        await editor.close()
        rmSync(folder, { recursive: true, force: true })
      }
    })
  },
)
