/** Draws the pictures of the templates, and the one that image to image starts from: `node scripts/make-templates.ts`. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { programFolder, resourcesFolder } from '#main/program.ts'

/** Pixels. */
const side = 256
const templates = join(resourcesFolder, 'templates')
const start = join(templates, 'fox.png')

const folder = await mkdtemp(join(tmpdir(), 'latent-loom-templates-'))
try {
  const index: { id: string }[] = JSON.parse(await readFile(join(templates, 'index.json'), 'utf8'))
  for (const { id } of index) {
    const made = await draw(id)
    if (id === 'lcm-lora' && made[0] !== undefined) await sharp(made[0]).toFile(start)
    await show(id === 'image-to-image' ? [start, ...made] : made, join(templates, `${id}.webp`))
    process.stdout.write(`${id}\n`)
  }
} finally {
  await rm(folder, { recursive: true })
}

/** The pictures that a template saves, in the order of their names. */
async function draw(id: string): Promise<string[]> {
  const command = join(programFolder, 'bin', 'latent-loom.mjs')
  const file = join(templates, `${id}.loom.json`)
  const { stdout } = await promisify(execFile)(process.execPath, [command, 'run', file, '--out', folder])
  return stdout.trim().split('\n').sort().reverse()
}

/** One picture whole; of several one strip of each, side by side. */
async function show(pictures: readonly string[], to: string): Promise<void> {
  const edge = (index: number) => Math.round((index * side) / pictures.length)
  const strips = pictures.map(async (picture, index) => {
    // a line of the background shows between two
    const left = edge(index) + (index > 0 ? 1 : 0)
    const extent = { left, top: 0, width: edge(index + 1) - left, height: side }
    return { input: await sharp(picture).resize(side, side).extract(extent).toBuffer(), left, top: 0 }
  })
  await sharp({ create: { width: side, height: side, channels: 3, background: 'white' } })
    .composite(await Promise.all(strips))
    .webp({ quality: 90 })
    .toFile(to)
}
