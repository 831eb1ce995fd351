/**
 * Measures a start: from the process to the first step of a picture of 512 x 512 in four steps, and its memory.
 * node bench/start.ts CHECKPOINT [first]
 * With `first` nothing is prepared yet. Run it again without for a warm start. Prints JSON, in seconds and bytes.
 */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { createEngine } from '#engine/create-engine.ts'
import { PreparedStore } from '#engine/prepared/store.ts'
import { preparedWeights } from './files.ts'
import { memory } from './measuring.ts'

const [path = '', way] = process.argv.slice(2)
const checkpoint = resolve(path)
if (way === 'first') await new PreparedStore(preparedWeights).clear()

/** What a moment cost since the process began. */
interface Moment {
  readonly wall: number
  readonly processor: number
  /** Resident bytes that are no file's pages. */
  readonly anonymous: number
}
const now = (): Moment => {
  const { user, system } = process.cpuUsage()
  return { wall: performance.now() / 1000, processor: (user + system) / 1e6, anonymous: memory().anonymous }
}

const outputFolder = await mkdtemp(join(tmpdir(), 'latent-loom-start-'))
const engine = createEngine({ models: [dirname(checkpoint)], preparedFolder: preparedWeights })
const moments: Record<string, Moment> = { process: now() }
const overrides = Object.entries({
  'checkpoint.file': basename(checkpoint),
  'latent.width': '512',
  'latent.height': '512',
  steps: '4',
}).map(([name, value]) => ({ name, value }))
const document = readFileSync(new URL('../resources/templates/ddim-25.loom.json', import.meta.url), 'utf8')
let mostAnonymous = 0
await engine.run(
  { document, folders: [], overrides, seed: '1', outputFolder, device: 'cpu', previews: false, verify: false },
  (event) => {
    const at = now()
    mostAnonymous = Math.max(mostAnonymous, at.anonymous)
    if (event.type === 'phase') moments[event.phase === 'load' ? `load ${event.label}` : event.phase] = at
    if (event.type === 'step' && event.steps === 4) moments[`step ${event.step}`] = at
    if (event.type === 'warning') moments[event.error.message] = at
  },
  new AbortController().signal,
)
moments.picture = now()
process.stdout.write(`${JSON.stringify({ moments, mostAnonymous, peak: memory().peak }, undefined, 1)}\n`)
await engine.close()
await rm(outputFolder, { recursive: true })
