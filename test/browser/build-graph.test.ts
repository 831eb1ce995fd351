import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { isLink, type Workflow } from '#core/workflow/document.ts'
import { drag, field, header, input, node, onCanvas, output, pick, type } from './canvas.ts'
import { downloadDocument, patience, patienceForRuns, pictureIn, runAndWait } from './controls.ts'
import { addByKeys, linkByKeys, tabTo } from './keyboard.ts'
import { stories } from './stories.ts'

const told = stories()

/** The README's graph: every link as its input and the output that feeds it. */
const links = {
  'lora.model': 'checkpoint.model',
  'prompt.clip': 'checkpoint.clip',
  'sampler.model': 'lora.model',
  'sampler.positive': 'prompt.conditioning',
  'sampler.latent': 'empty-latent.latent',
  'sampler.scheduler': 'lcm-scheduler.scheduler',
  'vae-decode.latent': 'sampler.latent',
  'vae-decode.vae': 'checkpoint.vae',
  'save-image.image': 'vae-decode.image',
}
const types = ['checkpoint', 'empty-latent', 'lcm-scheduler', 'lora', 'prompt', 'sampler', 'save-image', 'vae-decode']
const files = { checkpoint: 'emoji-tiny.safetensors', lora: 'emoji-tiny-lcm-lora.safetensors' }
const prompt = 'a fox on a blue background'

test('the graph of the README is drawn with the mouse', async () => {
  const page = await told.open()
  await page.getByRole('button', { name: 'New document' }).click()
  for (let times = 0; times < 3; times++) await page.getByRole('button', { name: 'Zoom out' }).click()

  const corner = await onCanvas(page, 30, 60)
  await page.mouse.dblclick(corner.x, corner.y)
  await pick(page, 'Checkpoint')
  await chooseFile(page, 'Checkpoint', files.checkpoint)

  /** A link let go in the void asks for the node at its other end. */
  const grow = async (port: Locator, x: number, y: number, title: string) => {
    await drag(page, port, await onCanvas(page, x, y))
    await pick(page, title)
    await header(page, title).waitFor()
  }
  await grow(output(page, 'Checkpoint', 'Model'), 220, 60, 'LoRA')
  await chooseFile(page, 'LoRA', files.lora)
  await grow(output(page, 'Checkpoint', 'CLIP'), 220, 300, 'Prompt')
  await type(field(page, 'Prompt', 'Text'), prompt)
  await grow(output(page, 'LoRA', 'Model'), 410, 60, 'Sampler')
  await grow(input(page, 'Sampler', 'Scheduler'), 180, 470, 'LCM Scheduler')
  await grow(input(page, 'Sampler', 'Latent'), 180, 600, 'Empty Latent')
  for (const side of ['Width', 'Height']) await type(field(page, 'Empty Latent', side), '128')
  await grow(output(page, 'Sampler', 'Latent'), 600, 60, 'VAE Decode')
  await grow(output(page, 'VAE Decode', 'Image'), 780, 60, 'Save Image')
  await drag(page, output(page, 'Prompt', 'Conditioning'), input(page, 'Sampler', 'Positive'))
  await drag(page, output(page, 'Checkpoint', 'VAE'), input(page, 'VAE Decode', 'VAE'))

  const { workflow } = await downloadDocument(page)
  expect(graphOf(workflow)).toEqual({ types, links })
  await runAndWait(page)
  await pictureIn(node(page, 'Save Image')).waitFor()
})

test('the graph of the README is built with the keyboard alone', async () => {
  const page = await told.open()
  const { keyboard } = page
  await keyboard.press('Alt+n')
  await addByKeys(page, 'Checkpoint', 'Tab')
  await chooseFileByKeys(page, 'Checkpoint', files.checkpoint)
  await addByKeys(page, 'LoRA', 'Shift+A')
  await linkByKeys(page, input(page, 'LoRA', 'Model'), 'Checkpoint')
  await chooseFileByKeys(page, 'LoRA', files.lora)
  await addByKeys(page, 'Prompt', 'Shift+A')
  await linkByKeys(page, input(page, 'Prompt', 'CLIP'), 'Checkpoint')
  await tabTo(page, field(page, 'Prompt', 'Text'))
  await keyboard.type(prompt)
  await keyboard.press('Escape')
  await keyboard.press('Shift+Tab')
  await addByKeys(page, 'Empty Latent', 'Shift+A')
  for (const side of ['Width', 'Height']) {
    await tabTo(page, field(page, 'Empty Latent', side))
    await keyboard.type('128')
    await keyboard.press('Tab')
  }
  await addByKeys(page, 'LCM Scheduler', 'Shift+A')
  await addByKeys(page, 'Sampler', 'Shift+A')
  await linkByKeys(page, input(page, 'Sampler', 'Model'), 'Model of LoRA')
  await linkByKeys(page, input(page, 'Sampler', 'Positive'), 'Prompt')
  await linkByKeys(page, input(page, 'Sampler', 'Latent'), 'Empty Latent')
  await linkByKeys(page, input(page, 'Sampler', 'Scheduler'), 'LCM')
  await addByKeys(page, 'VAE Decode', 'Shift+A')
  await linkByKeys(page, input(page, 'VAE Decode', 'VAE'), 'Checkpoint')
  await linkByKeys(page, input(page, 'VAE Decode', 'Latent'), 'Sampler')
  await addByKeys(page, 'Save Image', 'Shift+A')
  await linkByKeys(page, input(page, 'Save Image', 'Image'), 'VAE')

  const { workflow } = await downloadDocument(page)
  expect(graphOf(workflow)).toEqual({ types, links })
  await keyboard.press('Control+Enter')
  await pictureIn(node(page, 'Save Image')).waitFor(patienceForRuns)
})

async function chooseFile(page: Page, title: string, file: string): Promise<void> {
  await field(page, title, 'File').click()
  await page.getByRole('option', { name: file }).click()
  await expect.poll(() => field(page, title, 'File').textContent(), patience).toBe(file)
}

async function chooseFileByKeys(page: Page, title: string, file: string): Promise<void> {
  const chooser = field(page, title, 'File')
  await tabTo(page, chooser)
  await page.keyboard.press('Enter')
  await page.getByRole('combobox', { name: 'Search: File' }).waitFor()
  await page.keyboard.type(file)
  await page.keyboard.press('Enter')
  await expect.poll(() => chooser.textContent(), patience).toBe(file)
}

/** Types of nodes, and the links between them, whatever the ids are. */
function graphOf({ nodes }: Workflow) {
  const typeOf = (id: string) => nodes[id]?.type ?? id
  const drawn = Object.values(nodes).flatMap(({ type, inputs }) =>
    Object.entries(inputs).flatMap(([input, value]) =>
      isLink(value) ? [[`${type}.${input}`, `${typeOf(value.link[0])}.${value.link[1]}`]] : [],
    ),
  )
  return {
    types: Object.values(nodes)
      .map(({ type }) => type)
      .toSorted(),
    links: Object.fromEntries(drawn),
  }
}
