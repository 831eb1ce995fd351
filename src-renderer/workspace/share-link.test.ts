import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Workflow } from '#core/workflow/document.ts'
import { parseWorkflow } from '#core/workflow/parse.ts'
import { printWorkflow } from '#core/workflow/print.ts'
import imageToImage from '../../resources/templates/image-to-image.loom.json'
import lcmLora from '../../resources/templates/lcm-lora.loom.json'
import { decodeShareLink, encodeShareLink, isShareLink } from './share-link.ts'

const templates = [lcmLora, imageToImage].map((json): [string, Workflow] => [
  json.name,
  parseWorkflow(JSON.stringify(json)),
])
const lcm = parseWorkflow(JSON.stringify(lcmLora))

/** The fragment of any text, as `encodeShareLink` makes it of a workflow. */
async function fragmentOf(text: string): Promise<string> {
  const deflated = new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'))
  const bytes = new Uint8Array(await new Response(deflated).arrayBuffer())
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return `#w=${btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`
}

describe('share link', () => {
  it.each(templates)('carries %s there and back', async (_, workflow) => {
    const link = await encodeShareLink(workflow)
    expect(link).toMatch(/^#w=[\w-]+$/)
    expect(isShareLink(link)).toBe(true)
    expect(await decodeShareLink(link)).toBe(printWorkflow(workflow))
    expect(await decodeShareLink(` http://127.0.0.1:8188/${link}\n`)).toBe(printWorkflow(workflow))
  })

  it('carries any text', async () => {
    const texts = fc.string({ unit: 'binary', maxLength: 300 }).filter((text) => text.isWellFormed())
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        expect(await decodeShareLink(await fragmentOf(text))).toBe(text)
      }),
      { numRuns: 50 },
    )
  })

  it('refuses what is cut off, damaged or no link', async () => {
    const link = await encodeShareLink(lcm)
    for (const broken of [
      link.slice(0, -8),
      `${link.slice(0, 60)}AAAA${link.slice(64)}`,
      '#w=',
      '#w=%%',
      'hello',
      `${link}AAAA`,
    ]) {
      await expect(decodeShareLink(broken), broken.slice(0, 80)).rejects.toMatchObject({ code: 'parse' })
    }
  })

  it('stops inflating at the limit', async () => {
    const bomb = await fragmentOf(' '.repeat(64 * 1024 * 1024))
    await expect(decodeShareLink(bomb)).rejects.toMatchObject({ code: 'limit' })
  })

  it('tells a link from other text', () => {
    expect(isShareLink('https://example.org/#w=abc_-9')).toBe(true)
    expect(isShareLink('see https://example.org/#w=abc')).toBe(false)
    expect(isShareLink('{"format":"latent-loom"}')).toBe(false)
  })
})
