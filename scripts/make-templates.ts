/**
 * Draws the pictures of the templates, and the start picture that some of them use: `node scripts/make-templates.ts`,
 * or `node scripts/make-templates.ts ID...` for some.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { isLink } from '#core/workflow/document.ts'
import { readDocument } from '#engine/files/document.ts'
import { programFolder, resourcesFolder } from '#main/program.ts'

/** Pixels. */
const side = 256
const whole = { width: side, height: side }
const templates = join(resourcesFolder, 'templates')
const start = join(templates, 'fox.png')
/** Templates that change the start picture. It is shown beside their result. */
const fromStart = new Set(['image-to-image', 'inpaint', 'redraw-part', 'cut-out'])
/** Templates whose model is not bundled. */
const undrawn = new Set(['sdxl', 'taesd'])

const folder = await mkdtemp(join(tmpdir(), 'latent-loom-templates-'))
try {
  const index: { templates: { id: string }[] }[] = JSON.parse(await readFile(join(templates, 'index.json'), 'utf8'))
  const asked = process.argv.slice(2)
  for (const { id } of index.flatMap((group) => group.templates)) {
    if (asked.length > 0 && !asked.includes(id)) continue
    const made = undrawn.has(id) ? [] : await draw(id)
    if (id === 'lcm-lora' && made[0] !== undefined) await sharp(made[0]).toFile(start)
    const pictures = made.length > 0 ? made : [await drawGraph(id)]
    await show(fromStart.has(id) ? [start, ...pictures] : pictures, join(templates, `${id}.webp`))
    process.stdout.write(`${id}\n`)
  }
} finally {
  await rm(folder, { recursive: true })
}

/** The pictures that a template saves, ordered by name. */
async function draw(id: string): Promise<string[]> {
  const command = join(programFolder, 'bin', 'latent-loom.mjs')
  const file = join(templates, `${id}.loom.json`)
  const { stdout } = await promisify(execFile)(process.execPath, [command, 'run', file, '--out', folder])
  const files = stdout.trim().split('\n')
  return files
    .filter((name) => name.endsWith('.png'))
    .sort()
    .reverse()
}

/** Draws the graph as boxes and links, for templates that cannot run here. */
async function drawGraph(id: string): Promise<string> {
  const { workflow } = readDocument(await readFile(join(templates, `${id}.loom.json`)))
  const { nodes } = workflow
  const [width, height, gap] = [240, 130, 60]
  const places = Object.values(nodes).map(({ at }) => at)
  const right = Math.max(...places.map(([x]) => x)) + width
  const bottom = Math.max(...places.map(([, y]) => y)) + height
  const boxes = places.map(
    ([x, y]) => `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="24" fill="#8a94a8"/>`,
  )
  const links = Object.values(nodes).flatMap(({ at: [x, y], inputs }) =>
    Object.values(inputs).flatMap((value) => {
      const from = isLink(value) ? nodes[value.link[0]]?.at : undefined
      if (!from) return []
      const [x1, y1, y2] = [from[0] + width, from[1] + height / 2, y + height / 2]
      return `<path d="M${x1} ${y1}C${x1 + gap} ${y1} ${x - gap} ${y2} ${x} ${y2}" fill="none" stroke="#c2c9d6" stroke-width="12"/>`
    }),
  )
  const edge = Math.max(right, bottom) + 2 * gap
  const box = [(right - edge) / 2, (bottom - edge) / 2, edge, edge].join(' ')
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}" viewBox="${box}">${[...links, ...boxes].join('')}</svg>`
  const file = join(folder, `${id}.png`)
  await sharp(Buffer.from(svg)).toFile(file)
  return file
}

/** Shows a single picture whole, and several as strips side by side. */
async function show(pictures: readonly string[], to: string): Promise<void> {
  const edge = (index: number) => Math.round((index * side) / pictures.length)
  const strips = pictures.map(async (picture, index) => {
    // leaves a line of background between two strips
    const left = edge(index) + (index > 0 ? 1 : 0)
    const extent = { left, top: 0, width: edge(index + 1) - left, height: side }
    return {
      input: await sharp(picture)
        .resize({ ...whole, fit: 'contain', background: 'white' })
        .extract(extent)
        .toBuffer(),
      left,
      top: 0,
    }
  })
  await sharp({ create: { ...whole, channels: 3, background: 'white' } })
    .composite(await Promise.all(strips))
    .webp({ quality: 90 })
    .toFile(to)
}
