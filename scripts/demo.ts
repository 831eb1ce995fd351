/** Draws the README's picture with the embedded model, and a sheet that compares numbers of steps with LCM-LoRA. */
import { mkdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Engine } from '#engine/engine.ts'
import { programFolder } from '#main/program.ts'
import { draw, openEngine, type Settings } from './demo/draw.ts'
import { drawSheet, type SheetCell } from './demo/sheet.ts'

const folder = join(programFolder, 'out', 'demo')
const seed = '1'
const subjects = ['a fox on a blue background', 'a castle on a teal background']
/** Subjects for the style adapter. Some are not in its training data, to show that the style generalises. */
const styled = [...subjects, 'an owl', 'a rocket on a black background', 'a pizza on a yellow background', 'a cat']

async function cell(
  engine: Engine,
  prompts: readonly string[],
  template: string,
  settings: Settings,
): Promise<SheetCell> {
  const pictures: string[] = []
  for (const prompt of prompts) {
    pictures.push((await draw(engine, template, { prompt, seed, ...settings }, folder)).path)
  }
  process.stderr.write('.')
  return { pictures }
}

const engine = openEngine()
try {
  await mkdir(folder, { recursive: true })
  const { path: first } = await draw(engine, 'lcm-lora', {}, folder)
  process.stdout.write(`A fox in four steps: ${relative(process.cwd(), first)}\n`)

  const few = [1, 2, 4, 8]
  const all = [...few, 25]
  const method = (template: string, steps: readonly number[], settings: Settings = {}) =>
    Promise.all(steps.map((count) => cell(engine, subjects, template, { steps: count, ...settings })))
  const sheet = join(folder, 'sheet.png')
  await drawSheet(
    sheet,
    [
      {
        title: 'What a model draws in 1 to 25 steps',
        columns: all.map((count) => (count === 1 ? '1 step' : `${count} steps`)),
        rows: [
          { label: 'LCM-LoRA\nguidance 1', cells: [...(await method('lcm-lora', few)), undefined] },
          { label: 'DDIM\nguidance 4', cells: await method('ddim-25', all) },
          { label: 'DPM++ 2M\nguidance 4', cells: await method('ddim-25', all, { 'scheduler.solver': 'dpmpp-2m' }) },
        ],
      },
      {
        title: 'A style, and the same style in four steps',
        columns: ['six subjects, seed 1'],
        rows: [
          { label: 'sketch LoRA\nDDIM, 25 steps', cells: [await cell(engine, styled, 'style', {})] },
          {
            label: '0.8 sketch + 1.0 LCM\n4 steps',
            cells: [await cell(engine, styled, 'style-and-lcm-lora', { style: 0.8, speed: 1, steps: 4 })],
          },
        ],
      },
    ],
    128,
  )
  process.stdout.write(`\nThe sheet: ${relative(process.cwd(), sheet)}\n`)
} finally {
  await engine.close()
}
