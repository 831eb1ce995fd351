/**
 * Prints how large each part of a packed folder is, as a table for docs/install.md.
 * usage: node scripts/pack/parts.ts FOLDER
 */
import { globSync, lstatSync } from 'node:fs'
import { join } from 'node:path'

/** By what of its files begins with, the longest first. All else is the first. */
const parts = [
  ['Electron, without its translations', ''],
  ['window, licences', 'resources/'],
  ['Node 24', 'resources/node'],
  ['ONNX Runtime', 'resources/program/dist/node_modules/'],
  ['sharp and libvips, which read and write pictures', 'resources/program/node_modules/@img/'],
  ['embedded model with two LoRAs', 'resources/program/resources/models/'],
  ['editor, server and engine', 'resources/program/'],
  ['their packages', 'resources/program/node_modules/'],
] as const

type Part = (typeof parts)[number][0]

/** The bytes of each part of a folder that electron-builder packed for Linux or Windows. */
export function sizesOf(folder: string): ReadonlyMap<Part, number> {
  const sizes = new Map<Part, number>(parts.map(([part]) => [part, 0]))
  const byLength = parts.toSorted(([, a], [, b]) => b.length - a.length)
  for (const entry of globSync('**', { cwd: folder, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    const path = file.slice(folder.length).replaceAll('\\', '/').replace(/^\/+/, '')
    const [part] = byLength.find(([, prefix]) => path.startsWith(prefix)) ?? parts[0]
    sizes.set(part, (sizes.get(part) ?? 0) + lstatSync(file).size)
  }
  return sizes
}

const inMegabytes = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)

if (import.meta.main) {
  const sizes = sizesOf(process.argv[2] ?? '')
  const rows = [...sizes].toSorted(([, a], [, b]) => b - a)
  const total = rows.reduce((sum, [, bytes]) => sum + bytes, 0)
  console.log('| part | MB |\n|---|---|')
  for (const [part, bytes] of [...rows, ['**together**', total] as const])
    console.log(`| ${part} | ${inMegabytes(bytes)} |`)
}
