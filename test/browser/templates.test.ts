import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { isLink, type Workflow, type WorkflowNode } from '#core/workflow/document.ts'
import type { InputPort, NodeType } from '#core/workflow/node-type.ts'
import { parseWorkflow } from '#core/workflow/parse.ts'
import { templatesFolder } from '#main/server/library/templates.ts'
import { catalogue } from '#nodes/catalogue.ts'
import { goldenTensors, temporaryFolder } from '../golden-networks.ts'
import { readGolden } from '../goldens.ts'
import { writeSmallModels } from '../small-models.ts'
import { writeTensors } from '../tensor-file.ts'
import { field, header, node, set } from './canvas.ts'
import { patience, pictureIn, runAndWait } from './controls.ts'
import { stories } from './stories.ts'

const told = stories({ models: modelFolder() })

/** Room for the largest template with all its fields in sight. */
const viewport = { width: 2900, height: 2000 }

type Setting = readonly [node: string, field: string, value: string]

/** What a person changes in each template before it runs; by the way it becomes small. */
const changes: Readonly<Record<string, readonly Setting[]>> = {
  'lcm-lora': [['LCM Scheduler', 'Steps', '2']],
  'style-and-lcm-lora': [
    ['Style LoRA', 'Model strength', '0.5'],
    ['LCM Scheduler', 'Steps', '2'],
  ],
  'lora-stack': [
    ['LoRA Stack', 'Strength 2', '0.5'],
    ['LCM Scheduler', 'Steps', '2'],
  ],
  'auto-scheduler': [['Auto Scheduler', 'Steps', '2']],
  'distilled-schedulers': [
    ['TCD Scheduler', 'Eta', '0.5'],
    ['TCD Scheduler', 'Steps', '2'],
    ['Timesteps', 'Timesteps', '999, 499'],
  ],
  'xy-grid': [
    ['X/Y Grid', 'X input', 'Sampler: Seed'],
    ['X/Y Grid', 'X values', '1, 2'],
    ['X/Y Grid', 'Y values', '1'],
    ['LCM Scheduler', 'Steps', '1'],
  ],
  'ddim-25': [
    ['Scheduler', 'Solver', 'UniPC'],
    ['Scheduler', 'Steps', '2'],
  ],
  style: [
    ['Style LoRA', 'Model strength', '0.7'],
    ['Scheduler', 'Steps', '2'],
  ],
  'compare-schedulers': [
    ['LCM, 4 steps', 'Steps', '1'],
    ['DDIM, 25 steps', 'Steps', '2'],
    ['DPM++ 2M Karras, 15 steps', 'Steps', '2'],
  ],
  sdxl: [
    ['SDXL Prompt', 'Text L', 'watercolour'],
    ['Not a small picture', 'Original width', '256'],
    ['Scheduler', 'Steps', '2'],
    ['Empty Latent', 'Width', '64'],
    ['Empty Latent', 'Height', '64'],
  ],
  regions: [
    ['Set Conditioning Area', 'Width', '0.6'],
    ['Set Conditioning Mask', 'Strength', '2'],
    ['LCM Scheduler', 'Steps', '2'],
  ],
  'mix-prompts': [
    ['Average Conditioning', 'Amount', '0.3'],
    ['CLIP Skip', 'CLIP skip', '2'],
    ['LCM Scheduler', 'Steps', '2'],
  ],
  'prompt-by-time': [
    ['From the start', 'End', '0.5'],
    ['Scheduler', 'Steps', '3'],
  ],
  'image-to-image': [['Sampler', 'Strength', '0.4']],
  variations: [
    ['Repeat Latent', 'Count', '3'],
    ['First choice', 'First picture', '2'],
    ['Blend Latents', 'Amount', '0.3'],
    ['LCM Scheduler', 'Steps', '1'],
  ],
  inpaint: [
    ['Inpaint', 'Grow', '16'],
    ['LCM Scheduler', 'Steps', '2'],
  ],
  'redraw-part': [
    ['Refine Mask', 'Blur', '3'],
    ['LCM Scheduler', 'Steps', '2'],
  ],
  outpaint: [
    ['Pad Image', 'Fill', 'Grey'],
    ['LCM Scheduler', 'Steps', '2'],
  ],
  'high-resolution-fix': [
    ['Scale Latent', 'Factor', '1.2'],
    ['LCM Scheduler', 'Steps', '2'],
  ],
  'compose-latents': [
    ['Flip or Rotate Latent', 'Turn', 'Rotate 180 degrees'],
    ['Composite Latents', 'Feather', '8'],
    ['LCM Scheduler', 'Steps', '1'],
  ],
  'cut-out': [
    ['Refine Mask', 'Threshold', '0.4'],
    ['Bluer than red', 'Operation', 'And (smaller)'],
    ['Solid Mask', 'Value', '0.2'],
  ],
  finish: [
    ['Crop Image', 'X', '0'],
    ['Scale Image', 'Proportions', 'Stretch'],
    ['Glow', 'Blend mode', 'Screen'],
    ['Pick Image', 'First picture', '2'],
    ['Scale Image By', 'Measure', 'Megapixels'],
  ],
  'parts-apart': [
    ['Load VAE', 'Scaling', 'SD1.x and SD2.x: 0.18215'],
    ['LCM Scheduler', 'Steps', '2'],
  ],
  taesd: [
    ['TAESD', 'Scaling', 'SD1.x and SD2.x: 0.18215'],
    ['LCM Scheduler', 'Steps', '2'],
  ],
  'merge-models': [
    ['Merge Models', 'Ratio', '0.3'],
    ['Save Checkpoint', 'Prefix', 'a third'],
    ['Scheduler', 'Steps', '2'],
  ],
  'save-lora': [
    ['Save LoRA', 'Prefix', 'both in one'],
    ['LCM Scheduler', 'Steps', '2'],
  ],
  'extract-lora': [['Extract LoRA', 'Rank', '1']],
}

const templates = await allTemplates()

test.each(templates)('$id opens with every field, is changed and runs', async ({ id, workflow, introduces }) => {
  const nodes = Object.values(workflow.nodes)
  const page = await told.resume({ viewport, settings: { previews: false } })
  await openTemplate(page, workflow.name ?? id)
  await expect.poll(() => shownNodes(page), patience).toEqual(Object.fromEntries(nodes.map(expected)))
  for (const one of introduces) await lookThrough(page, one)

  for (const [of, label, value] of changes[id] ?? []) {
    const control = field(page, of, label)
    const before = await shownIn(control)
    await set(page, control, value)
    expect(await shownIn(control), `${of}: ${label}`).not.toBe(before)
  }
  const models = await savedModels()
  const [outcome] = await runAndWait(page)
  const last = page.getByRole('tabpanel', { name: 'Queue' }).getByRole('listitem').nth(1)
  expect(await last.getByLabel('Done').count(), outcome).toBe(1)
  const savers = nodes.filter(({ type }) => catalogue.get(type)?.effect)
  const drawing = savers.filter(({ type }) => type === 'save-image')
  for (const saver of drawing) {
    const pictures = pictureIn(node(page, titleOf(saver)))
    await pictures.first().waitFor(patience)
  }
  expect(await savedModels()).toHaveLength(models.length + savers.length - drawing.length)
})

/** Opens a template from its panel, which stays, in a tab beside those before. */
async function openTemplate(page: Page, name: string): Promise<void> {
  const panel = page.getByRole('region', { name: 'Templates' })
  if ((await panel.count()) === 0) await page.getByRole('button', { name: 'Templates' }).click()
  await panel
    .getByRole('button')
    .filter({ has: page.getByText(name, { exact: true }) })
    .click()
}

interface Template {
  readonly id: string
  readonly workflow: Workflow
  /** One node of each type that no template before it has. */
  readonly introduces: readonly WorkflowNode[]
}

async function allTemplates(): Promise<Template[]> {
  const read = (name: string) => readFile(join(templatesFolder, name), 'utf8')
  const index: readonly { templates: readonly { id: string }[] }[] = JSON.parse(await read('index.json'))
  const known = new Set<string>()
  const found: Template[] = []
  for (const { id } of index.flatMap((group) => group.templates)) {
    const workflow = parseWorkflow(await read(`${id}.loom.json`))
    const introduces = Object.values(workflow.nodes).filter(({ type }) => known.size < known.add(type).size)
    found.push({ id, workflow, introduces })
  }
  return found
}

/** A folder with all files that the templates name, as tiny networks: what is drawn is not looked at. */
function modelFolder(): string {
  interface Case {
    readonly salt: number
    readonly gain?: number
    readonly weights: Readonly<Record<string, readonly number[]>>
  }
  const folder = writeSmallModels(temporaryFolder())
  const sdxl = readGolden<Case>('pipeline-sdxl').json
  writeTensors(join(folder, 'sd_xl_base_1.0.safetensors'), goldenTensors(sdxl.weights, sdxl.salt))
  const taesd = readGolden<Case>('taesd').json
  const decoder = goldenTensors(taesd.weights, taesd.salt).flatMap(({ name, ...values }) => {
    const [, index, rest] = /^decoder\.layers\.(\d+)(.*)$/.exec(name) ?? []
    return index === undefined ? [] : [{ name: `${Number(index) + 1}${rest}`, ...values }]
  })
  writeTensors(join(folder, 'taesd_decoder.safetensors'), decoder)
  return folder
}

const typeOf = ({ type }: WorkflowNode): NodeType => {
  const known = catalogue.get(type)
  if (!known) throw new Error(`There is no node ${type}.`)
  return known
}

const titleOf = (of: WorkflowNode): string => of.title ?? typeOf(of).title

function isLinked({ inputs }: WorkflowNode, name: string): boolean {
  const held = inputs[name]
  return held !== undefined && isLink(held)
}

/** Inputs that hold a value, so that there is a field for them. */
function valued(of: WorkflowNode): InputPort[] {
  const inputs = Object.entries(typeOf(of).inputs)
  return inputs.flatMap(([name, port]) =>
    !isLinked(of, name) && (port.default !== undefined || port.type.kind === 'file') ? [port] : [],
  )
}

const labelsOf = (ports: readonly InputPort[]): string[] => ports.map(({ label }) => label)

/** A node as its type says that it looks: title, fields, ends of links. */
function expected(of: WorkflowNode) {
  const title = titleOf(of)
  const { inputs, outputs } = typeOf(of)
  const shown = Object.entries(inputs).filter(([name, { advanced }]) => !advanced || isLinked(of, name))
  const fields = valued(of).filter((port) => shown.some(([, other]) => other === port))
  const ports = [
    ...shown.map(([, { label }]) => `Input ${label} of ${title}`),
    ...Object.values(outputs).map(({ label }) => `Output ${label} of ${title}`),
  ]
  return [title, { fields: labelsOf(fields), ports: ports.toSorted() }] as const
}

/** Every node that the canvas shows in full. */
async function shownNodes(page: Page) {
  const shown = await page.locator('.react-flow__node:has(header)').evaluateAll((elements) =>
    elements.map((element) => {
      const labels = (selector: string) => [...element.querySelectorAll(selector)].map(({ ariaLabel }) => ariaLabel)
      return [
        element.ariaLabel,
        { fields: labels('fieldset'), ports: labels('.react-flow__handle').toSorted() },
      ] as const
    }),
  )
  return Object.fromEntries(shown)
}

const fieldsIn = (within: Locator): Promise<(string | null)[]> =>
  within.locator('fieldset').evaluateAll((elements) => elements.map(({ ariaLabel }) => ariaLabel))

/** Reads all of a node: its help and every input in the panel, and its advanced inputs on the canvas. */
async function lookThrough(page: Page, of: WorkflowNode): Promise<void> {
  const { description, docs = '' } = typeOf(of)
  const title = titleOf(of)
  const all = labelsOf(valued(of))
  await header(page, title).click()
  await page.getByRole('tab', { name: 'Node' }).click()
  const panel = page.getByRole('tabpanel', { name: 'Node' })
  await panel.getByText(description).waitFor(patience)
  expect(await fieldsIn(panel)).toEqual(all)
  await panel.getByText('Help', { exact: true }).click()
  const help = panel.locator('details[open]')
  await expect.poll(async () => lettersOf((await help.textContent()) ?? ''), patience).toContain(lettersOf(docs))

  const more = page.getByRole('button', { name: `More inputs of ${title}`, exact: true })
  const advanced = Object.entries(typeOf(of).inputs).some(([name, port]) => port.advanced && !isLinked(of, name))
  expect(await more.count()).toBe(advanced ? 1 : 0)
  if (!advanced) return
  await more.click()
  await expect.poll(() => fieldsIn(node(page, title)), patience).toEqual(all)
  await page.getByRole('button', { name: `Fewer inputs of ${title}`, exact: true }).click()
}

const lettersOf = (text: string): string => text.replaceAll(/[^a-z]/gi, '')

/** What a control holds, or the words on it. */
const shownIn = (control: Locator): Promise<string> =>
  control.evaluate((element) => ('value' in element && element.value ? String(element.value) : element.textContent))

/** Below the folder of the server, wherever it saves them. */
const savedModels = async (): Promise<string[]> =>
  (await readdir(told.editor.folder, { recursive: true })).filter((name) => name.endsWith('.safetensors'))
