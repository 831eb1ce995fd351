import { mkdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../golden-networks.ts'
import { writeTensors } from '../tensor-file.ts'
import { tinyTensors } from '../tiny-autoencoder.ts'
import { canvas, field, header, node, set, type } from './canvas.ts'
import {
  choose,
  command,
  downloadDocument,
  historyOf,
  patience,
  patienceForRuns,
  pictureIn,
  runAndWait,
} from './controls.ts'
import { tabTo } from './keyboard.ts'
import { stories } from './stories.ts'

const told = stories({ models: modelFolder() })

/** A model folder with a LoRA of another family, an embedding, and a decoder of previews. */
function modelFolder(): string {
  const folder = temporaryFolder()
  const tensor = (name: string, shape: readonly number[]) => ({
    name,
    shape,
    values: new Float32Array(shape.reduce((product, size) => product * size, 1)),
  })
  const attention = 'lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k'
  writeTensors(join(folder, 'painted-xl.safetensors'), [
    tensor(`${attention}.lora_down.weight`, [4, 2048]),
    tensor(`${attention}.lora_up.weight`, [640, 4]),
  ])
  const query = 'lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_q'
  writeTensors(join(folder, 'lightning_bolts.safetensors'), [
    tensor(`${query}.lora_down.weight`, [4, 128]),
    tensor(`${query}.lora_up.weight`, [128, 4]),
  ])
  writeTensors(join(folder, 'cat-toy.safetensors'), [tensor('emb_params', [2, 64])])
  mkdirSync(join(folder, 'vae_approx'))
  writeTensors(join(folder, 'vae_approx/taesd_decoder.safetensors'), tinyTensors('decoder'))
  return folder
}

const xl = 'painted-xl.safetensors'
const unfit = 'ade for Stable Diffusion XL; the model is Stable Diffusion 1.x.'

/** One of an open list; plain choices have options too. */
const option = (page: Page, name: string | RegExp) => page.getByRole('listbox').getByRole('option', { name })

async function template(page: Page, name: RegExp): Promise<void> {
  await page.getByRole('button', { name: 'Templates', exact: true }).click()
  await page.getByRole('button', { name }).click()
  await page.getByRole('button', { name: 'Close Templates' }).click()
  await page.getByRole('button', { name: 'Show everything' }).click()
}

test('a LoRA of another family is offered with the reason, cannot be chosen, and is refused in the document', async () => {
  const page = await told.open()
  const file = field(page, 'LCM-LoRA', 'File')
  await file.click()
  const wrong = option(page, xl)
  // the list is there before every file has been looked into
  await expect.poll(() => wrong.getAttribute('aria-disabled'), patience).toBe('true')
  expect(await wrong.textContent()).toContain(`M${unfit}`)
  // fits come first
  await expect
    .poll(() => page.getByRole('listbox').getByRole('option').first().textContent(), patience)
    .toContain('emoji-tiny')
  await wrong.click({ force: true })
  await page.getByRole('combobox', { name: 'Search:' }).fill('painted')
  await page.keyboard.press('Enter')
  expect(await wrong.count()).toBe(1)
  await page.keyboard.press('Escape')
  expect(await file.textContent()).toBe('emoji-tiny-lcm-lora.safetensors')

  const { text } = await downloadDocument(page)
  const path = join(told.editor.folder, 'wrong-pair.loom.json')
  await writeFile(path, text.replace('emoji-tiny-lcm-lora.safetensors', xl))
  await choose(page, 'File', 'Open…')
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('dialog', { name: 'Open' }).getByRole('button', { name: 'From disk…' }).click(),
  ])
  await chooser.setFiles(path)
  await node(page, 'LCM-LoRA').getByText(`m${unfit}`).first().waitFor()
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.getByRole('region', { name: 'Notices' }).getByText(unfit).waitFor()
})

test('a file that a node does without is emptied again, by keys alone', async () => {
  const page = await told.open()
  await template(page, /LoRA Stack/)
  const second = field(page, 'LoRA Stack', 'LoRA 2')
  expect(await field(page, 'LoRA Stack', 'LoRA 3').textContent()).toBe('None')
  await canvas(page).press('Enter')
  await tabTo(page, second)
  await page.keyboard.press('Enter')
  await option(page, 'None').waitFor()
  await page.keyboard.press('PageUp')
  await page.keyboard.press('Enter')
  await expect.poll(() => second.textContent(), patience).toBe('None')
  const { workflow } = await downloadDocument(page)
  const [stack] = Object.values(workflow.nodes).filter((each) => each.type === 'lora-stack')
  expect(stack?.inputs.file2).toBeUndefined()
  expect(stack?.inputs.file1).toBeDefined()
})

test('an embedding of the files goes into the prompt', async () => {
  const page = await told.open()
  await page.getByRole('button', { name: 'Model files' }).click()
  await page.getByRole('button', { name: /cat-toy/ }).click()
  const text = field(page, 'Prompt', 'Text')
  await expect.poll(() => text.inputValue(), patience).toBe('a fox on a blue background, embedding:cat-toy')
  await page.keyboard.press('Control+z')
  await expect.poll(() => text.inputValue(), patience).toBe('a fox on a blue background')
})

test('a saved model is told of, shown on its node and listed among the files', async () => {
  const page = await told.open()
  await template(page, /Merge two models/i)
  await type(field(page, 'Save Checkpoint', 'Prefix'), 'blended')
  await type(field(page, 'Scheduler', 'Steps'), '1')
  await Promise.all([
    page.getByText(/^blended-\d+\.safetensors is saved\.$/).waitFor(patienceForRuns),
    runAndWait(page),
  ])
  await node(page, 'Save Checkpoint')
    .getByText(/^blended-\d+\.safetensors$/)
    .waitFor()
  await page.getByRole('button', { name: 'Model files' }).click()
  await page.getByRole('button', { name: /blended.*\.safetensors/ }).waitFor(patience)
})

test('an axis of a grid is chosen among the inputs before it, and its values are typed', async () => {
  const page = await told.open({ viewport: { width: 1920, height: 1080 } })
  await template(page, /X\/Y Grid/)
  const x = field(page, 'X/Y Grid', 'X input')
  await x.focus()
  await page.keyboard.press('Enter')
  await option(page, 'Style LoRA: Model strength').waitFor()
  const search = page.getByRole('combobox', { name: 'Search: X input' })
  await search.fill('prefix')
  await page.getByText('Nothing has this name.').waitFor()
  await search.fill('sampler seed')
  await page.keyboard.press('Enter')
  await expect.poll(() => x.textContent(), patience).toBe('Sampler: Seed')
  await set(page, field(page, 'X/Y Grid', 'Y input'), 'None')
  await type(field(page, 'X/Y Grid', 'X values'), '1, 2, 3')
  await type(field(page, 'LCM Scheduler', 'Steps'), '1')
  await runAndWait(page)
  const [drawn] = await Promise.all([
    page.waitForResponse((response) => /\/api\/pictures\/[^/]+\/file$/.test(response.url())),
    pictureIn(node(page, 'Save Image')).click(),
  ])
  const { width = 0, height = 0 } = await sharp(await drawn.body()).metadata()
  // three cells of 128 pixels beside each other, and a row of labels
  expect(width).toBeGreaterThan(3 * 128)
  expect(height).toBeGreaterThan(128)
  expect(height).toBeLessThan(2 * 128)
})

test('a file whose name hints at a method is asked about on the node, and the document keeps the answer', async () => {
  const page = await told.open()
  await field(page, 'LCM-LoRA', 'File').click()
  await option(page, 'lightning_bolts.safetensors').click()
  const note = canvas(page).getByRole('note')
  await note.getByText(/looks like Lightning: use its settings\?/).waitFor()
  await note.getByRole('button', { name: 'Lightning' }).waitFor()
  await note.getByRole('button', { name: 'None' }).click()
  await note.waitFor({ state: 'detached' })
  const { workflow } = await downloadDocument(page)
  expect(workflow.nodes.lora?.inputs.distillation).toBe('none')
})

test('guidance that is too high for a distilled model is advised against on the node and in the panel', async () => {
  const page = await told.open()
  await type(field(page, 'Sampler', 'Guidance scale'), '5')
  await header(page, 'Sampler')
    .getByRole('img', { name: /guidance/i })
    .waitFor()
  await header(page, 'Sampler').click()
  await page.getByRole('tab', { name: 'Node' }).click()
  const panel = page.getByRole('tabpanel', { name: 'Node' })
  const advice = panel.getByRole('list', { name: 'Advice' })
  await advice.getByRole('button', { name: 'Set Guidance scale to 1' }).waitFor()
  await canvas(page).getByRole('note').getByRole('button', { name: 'Set Guidance scale to 1' }).click()
  await advice.waitFor({ state: 'detached' })
})

test('the outputs of an Auto Scheduler tell what it has chosen', async () => {
  const page = await told.open()
  await template(page, /Auto Scheduler/)
  await header(page, 'Auto Scheduler').click()
  await page.getByRole('tab', { name: 'Node' }).click()
  const panel = page.getByRole('tabpanel', { name: 'Node' })
  await panel.getByText(/^a scheduler \(LCM.*, 4 steps\)$/).waitFor()
})

test('previews are decoded with a TAESD of the model folders when that is wanted', async () => {
  const page = await told.open()
  const large = async () => {
    const sizes: number[] = []
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => void (typeof payload === 'string' || sizes.push(payload.length))),
    )
    await page.reload()
    await canvas(page).waitFor()
    await runAndWait(page)
    return Math.max(0, ...sizes)
  }
  const coloured = await large()
  await command(page, 'Settings')
  await page.getByRole('switch', { name: /TAESD/ }).check({ force: true })
  await page.keyboard.press('Escape')
  const decoded = await large()
  expect(coloured).toBeGreaterThan(0)
  expect(decoded).toBeGreaterThan(coloured)
  expect(await historyOf(page)).not.toEqual([])
})
