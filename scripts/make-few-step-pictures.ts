/** Draws the pictures of docs/few-steps.md with the embedded model: `node scripts/make-few-step-pictures.ts`. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { programFolder } from '#main/program.ts'
import { draw, openEngine, type Settings } from './demo/draw.ts'
import { drawSheet, type SheetSection } from './demo/sheet.ts'

const pictures = join(programFolder, 'docs', 'pictures')
const folder = await mkdtemp(join(tmpdir(), 'latent-loom-few-steps-'))
const engine = openEngine()

/** A row with one picture per setting. */
async function row(label: string, template: string, common: Settings, each: readonly Settings[]) {
  const cells: { pictures: string[] }[] = []
  for (const settings of each) {
    const { path } = await draw(
      engine,
      template,
      { prompt: 'a castle on a teal background', seed: 3, ...common, ...settings },
      folder,
    )
    cells.push({ pictures: [path] })
    process.stderr.write('.')
  }
  return { label, cells }
}

async function sheet(name: string, section: SheetSection): Promise<void> {
  await drawSheet(join(pictures, `${name}.png`), [section], 128)
  process.stdout.write(`${name}\n`)
}

try {
  const steps = [1, 2, 3, 4, 5, 6, 7, 8]
  const bySteps = steps.map((count) => ({ steps: count }))
  await sheet('few-steps-methods', {
    title: 'One to eight steps',
    columns: steps.map((count) => (count === 1 ? '1 step' : `${count} steps`)),
    rows: [
      await row('LCM-LoRA\nguidance 1', 'lcm-lora', {}, bySteps),
      await row('DDIM\nguidance 4', 'ddim-25', { 'scheduler.solver': 'ddim' }, bySteps),
      await row('DPM++ 2M\nguidance 4', 'ddim-25', { 'scheduler.solver': 'dpmpp-2m' }, bySteps),
    ],
  })

  const strengths = [0, 0.25, 0.5, 0.75, 1, 1.25]
  const rows: SheetSection['rows'][number][] = []
  for (const speed of strengths) {
    const each = strengths.map((style) => ({ style, speed }))
    rows.push(await row(`LCM-LoRA ${speed}`, 'style-and-lcm-lora', { steps: 4 }, each))
  }
  await sheet('few-steps-strengths', {
    title: 'Style LoRA against LCM-LoRA, four steps, guidance 1',
    columns: strengths.map((style) => `style ${style}`),
    rows,
  })

  const guidances = [1, 1.5, 2, 3, 5, 8]
  const byGuidance = guidances.map((guidance) => ({ 'sampler.guidance': guidance }))
  await sheet('few-steps-guidance', {
    title: 'What guidance does',
    columns: guidances.map((guidance) => `guidance ${guidance}`),
    rows: [
      await row('LCM-LoRA\n4 steps', 'lcm-lora', { steps: 4 }, byGuidance),
      await row('DDIM\n25 steps', 'ddim-25', { 'scheduler.solver': 'ddim', steps: 25 }, byGuidance),
    ],
  })
} finally {
  await engine.close()
  await rm(folder, { recursive: true })
}
