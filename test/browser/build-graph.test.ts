import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { linksIn } from '#renderer/store/graph.ts'
import type { Workflow } from '#core/workflow/document.ts'
import { canvas, drag, field, header, input, node, onCanvas, output, pick, type } from './canvas.ts'
import { downloadDocument, patience, pictureIn, runAndWait } from './controls.ts'
import { stories } from './stories.ts'

const told = stories()

test('the graph of the README is drawn with the mouse', async () => {
  const page = await told.open()
  await page.getByRole('button', { name: 'New document' }).click()
  for (let times = 0; times < 3; times++) await page.getByRole('button', { name: 'Zoom out' }).click()

  const at = (x: number, y: number) => onCanvas(page, x, y)
  const corner = await at(30, 60)
  await page.mouse.dblclick(corner.x, corner.y)
  await pick(page, 'Checkpoint')
  await chooseFile(page, 'Checkpoint', 'emoji-tiny.safetensors')

  /** A link let go in the void asks for the node at its other end. */
  const grow = async (port: ReturnType<typeof output>, x: number, y: number, title: string) => {
    await drag(page, port, await at(x, y))
    await pick(page, title)
    await header(page, title).waitFor()
  }
  await grow(output(page, 'Checkpoint', 'Model'), 220, 60, 'LoRA')
  await chooseFile(page, 'LoRA', 'emoji-tiny-lcm-lora.safetensors')
  await grow(output(page, 'Checkpoint', 'CLIP'), 220, 300, 'Prompt')
  await type(field(page, 'Prompt', 'Text'), 'a fox on a blue background')
  await grow(output(page, 'LoRA', 'Model'), 410, 60, 'Sampler')
  await grow(input(page, 'Sampler', 'Scheduler'), 180, 470, 'LCM Scheduler')
  await grow(input(page, 'Sampler', 'Latent'), 180, 600, 'Empty Latent')
  await grow(output(page, 'Sampler', 'Latent'), 600, 60, 'VAE Decode')
  await grow(output(page, 'VAE Decode', 'Image'), 780, 60, 'Save Image')
  await drag(page, output(page, 'Prompt', 'Conditioning'), input(page, 'Sampler', 'Positive'))
  await drag(page, output(page, 'Checkpoint', 'VAE'), input(page, 'VAE Decode', 'VAE'))

  await page.screenshot({ path: '/tmp/bt/graph.png' })
  const { workflow } = await downloadDocument(page)
  expect(shapeOf(workflow)).toEqual(readmeGraph)
  await runAndWait(page)
  await pictureIn(node(page, 'Save Image')).waitFor()
})

async function chooseFile(page: Page, title: string, file: string): Promise<void> {
  await field(page, title, 'File').click()
  await page.getByRole('option', { name: file }).click()
  await expect.poll(() => field(page, title, 'File').innerText(), patience).toBe(file)
}

/** Types of nodes and the links between them, whatever the ids are. */
function shapeOf({ nodes }: Workflow) {
  const typeOf = (id: string) => nodes[id]?.type ?? id
  return [...linksIn({ nodes })].map((link) => JSON.stringify(link)).toSorted()
}
const readmeGraph = ['x']
