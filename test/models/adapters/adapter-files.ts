import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import type { Adapter } from '#engine/adapters/adapter.ts'
import type { Coverage } from '#engine/adapters/match.ts'
import { openAdapter } from '#engine/adapters/open.ts'
import type { Checkpoint } from '#engine/models/checkpoint.ts'
import { openCheckpoint } from '#engine/models/detect.ts'
import { temporaryFolder } from '../../golden-networks.ts'
import { readGolden } from '../../goldens.ts'
import { specsOf, writeSparse } from '../../sparse.ts'

/** Tensors by name. */
export type Shapes = Readonly<Record<string, readonly number[]>>

interface LoraCase {
  readonly rank: number
  readonly alpha: number
  readonly targets: readonly string[]
  readonly weights: Shapes
  readonly kohya: Shapes
  readonly peft: Shapes
  readonly diffusers_to_ldm: Readonly<Record<string, string>>
}

export const folder = temporaryFolder()
/** An adapter of a tiny SD1.x, in kohya's names and in PEFT's. */
export const lora = readGolden<LoraCase>('lora').json
/** How many weights it changes, those of the text encoder with them. */
export const modules = lora.targets.length + 12

/** The checkpoint that it was made for. */
export function openBase(): Promise<Checkpoint> {
  return openCheckpoint(writeSparse(join(folder, 'base.safetensors'), specsOf(lora.weights)))
}

interface AdapterFile {
  readonly shapes: Shapes
  /** Value of every tensor that ends in `.alpha` (default the golden's). */
  readonly alpha?: number
  readonly metadata?: Readonly<Record<string, string>>
  readonly file?: string
}

/** Writes an adapter of zeros into a folder of its own; gives its path. */
export function write({
  shapes,
  alpha = lora.alpha,
  metadata = {},
  file = 'adapter.safetensors',
}: AdapterFile): string {
  const alphas = Object.keys(shapes).filter((name) => name.endsWith('.alpha'))
  const scalars = new Map(alphas.map((name) => [name, alpha]))
  return writeSparse(join(mkdtempSync(join(folder, 'adapter-')), file), specsOf(shapes), { metadata, scalars })
}

/** The same, opened. */
export const open = (file: AdapterFile): Promise<Adapter> => openAdapter(write(file))

export const rename = (shapes: Shapes, change: (name: string) => string): Shapes =>
  Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [change(name), shape]))

export const without = (shapes: Shapes, pattern: RegExp): Shapes =>
  Object.fromEntries(Object.entries(shapes).filter(([name]) => !pattern.test(name)))

/** The weights that are changed, sorted. */
export const weightsOf = ({ unet, textEncoder }: Coverage): string[] =>
  [...unet, ...textEncoder].map(({ weight }) => weight).sort()
