import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { smallModels } from '../small-models.ts'
import { canvas, drag, field, header, input, node, onCanvas, output } from './canvas.ts'
import { downloadDocument, patience, pictureIn, runAndWait } from './controls.ts'
import { stories } from './stories.ts'

const told = stories()

interface Carried {
  readonly name: string
  readonly type: string
  readonly bytes: Buffer
}

/** Files as the browser carries them. */
const transferOf = (page: Page, files: readonly Carried[]) =>
  page.evaluateHandle(
    (carried) => {
      const transfer = new DataTransfer()
      for (const { name, type, base64 } of carried) {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
        transfer.items.add(new File([bytes], name, { type }))
      }
      return transfer
    },
    files.map(({ name, type, bytes }) => ({ name, type, base64: bytes.toString('base64') })),
  )

/** Lets files go over a free place of the canvas. */
async function drop(page: Page, ...files: Carried[]) {
  const dataTransfer = await transferOf(page, files)
  const { x, y } = await onCanvas(page, 500, 500)
  const pane = canvas(page).locator('.react-flow__pane')
  for (const event of ['dragenter', 'dragover', 'drop']) {
    await pane.dispatchEvent(event, { dataTransfer, clientX: x, clientY: y })
  }
}

/** Pastes a file. The keys of a test cannot: they would paste what the machine has copied. */
async function paste(page: Page, file: Carried) {
  const transfer = await transferOf(page, [file])
  await canvas(page).evaluate(
    (element, clipboardData) =>
      element.dispatchEvent(new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData })),
    transfer,
  )
}

const pngOf = async (path: string) => ({ name: basename(path), type: 'image/png', bytes: await readFile(path) })

/** What lies over or under a node, and 'outside' if it is not wholly seen. */
const coveredBy = (page: Page, title: string): Promise<string[]> =>
  page.evaluate((name) => {
    const boxOf = (element: Element | null) => (element ?? document.body).getBoundingClientRect()
    const nodes = [...document.querySelectorAll('.react-flow__node')]
    const bodyOf = (node: Element | undefined) => boxOf(node?.firstElementChild ?? null)
    const own = nodes.find((node) => node.ariaLabel === name)
    const { left, right, top, bottom } = bodyOf(own)
    const canvas = boxOf(document.querySelector('.react-flow'))
    const isSeen = left >= canvas.left && right <= canvas.right && top >= canvas.top && bottom <= canvas.bottom
    const meets = (box: DOMRect) => left < box.right && box.left < right && top < box.bottom && box.top < bottom
    const others = nodes.filter((node) => node !== own && meets(bodyOf(node))).map((node) => node.ariaLabel ?? '')
    const overlays = [...document.querySelectorAll('[data-overlay]')].filter((each) => meets(boxOf(each)))
    return [...others, ...overlays.map((each) => each.ariaLabel ?? each.className), ...(isSeen ? [] : ['outside'])]
  }, title)

test('a dropped picture opens the graph that drew it', async () => {
  const page = await told.open()
  const drawn = await downloadDocument(page)
  await runAndWait(page)
  const folder = join(told.editor.folder, 'pictures')
  const [name = ''] = (await readdir(folder)).filter((file) => file.endsWith('.png'))
  await drop(page, await pngOf(join(folder, name)))
  await page
    .getByRole('dialog', { name: 'Workflow or picture?' })
    .getByRole('button', { name: 'Open the workflow' })
    .click()
  const tabs = page.getByRole('navigation', { name: 'Open documents' }).getByRole('listitem')
  await expect.poll(() => tabs.count(), patience).toBe(2)
  await header(page, 'Sampler').waitFor()
  expect((await downloadDocument(page)).workflow.nodes).toEqual(drawn.workflow.nodes)
})

test('a model and a picture become their nodes; a broken file is refused and nothing is lost', async () => {
  const page = await told.open({ forgives: /400 \(Bad Request\)/ })
  const before = await downloadDocument(page)
  const broken = { name: 'owl.png', type: 'image/png', bytes: Buffer.from('\x89PNG\r\n\x1a\nnot more', 'latin1') }
  await drop(page, broken)
  const alert = page.getByRole('region', { name: 'Notices' }).getByRole('alert')
  await expect.poll(() => alert.textContent(), patience).toContain('owl.png')
  expect((await downloadDocument(page)).text).toBe(before.text)
  await page.getByRole('button', { name: 'Dismiss' }).click()

  const lora = 'emoji-tiny-sketch-lora.safetensors'
  const bytes = await readFile(join(smallModels(), lora))
  await drop(page, { name: lora, type: '', bytes })
  await header(page, 'LoRA').waitFor()
  expect(await field(page, 'LoRA', 'File').textContent()).toBe(lora)

  await drop(page, await pngOf('resources/templates/fox.png'))
  await header(page, 'Load Image').waitFor()
  await node(page, 'Load Image')
    .getByRole('img', { name: /the chosen picture/ })
    .waitFor()
  const { workflow } = await downloadDocument(page)
  expect(Object.keys(workflow.nodes)).toHaveLength(Object.keys(before.workflow.nodes).length + 2)

  const fileOf = async () => (await downloadDocument(page)).workflow.nodes['load-image']?.inputs.file
  const first = await fileOf()
  await header(page, 'Load Image').click()
  await paste(page, await pngOf('resources/templates/fox-mask.png'))
  await expect.poll(fileOf, patience).not.toBe(first)
  expect(Object.keys((await downloadDocument(page)).workflow.nodes)).toHaveLength(Object.keys(workflow.nodes).length)
})

test('a link of the wrong kind says why, and its fix mends it', async () => {
  const page = await told.open()
  await drop(page, await pngOf('resources/templates/fox.png'))
  await header(page, 'Load Image').waitFor()
  await drag(page, output(page, 'Load Image', 'Image'), input(page, 'Sampler', 'Latent'))
  await page.getByText('1 problem').first().waitFor()
  await page.getByRole('button', { name: 'Why this link does not fit' }).click()
  await page
    .getByText(/needs a latent, but/)
    .first()
    .waitFor()
  await page.getByRole('button', { name: 'Put VAE Encode between them' }).first().click()
  await page.getByText('No problems').waitFor()
  expect(await coveredBy(page, 'VAE Encode')).toEqual([])
  const { workflow } = await downloadDocument(page)
  const encode = Object.entries(workflow.nodes).find(([, made]) => made.type === 'vae-encode')
  expect(workflow.nodes.sampler?.inputs.latent).toEqual({ link: [encode?.[0], 'latent'] })
  await runAndWait(page)
  await pictureIn(node(page, 'Save Image')).waitFor()
})
