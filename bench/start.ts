/**
 * Measures a start: from the process to the first step of a picture of 512 x 512 in four steps, and its memory.
 * node bench/start.ts CHECKPOINT [first]
 * With `first` nothing is prepared yet. Run it again without for a warm start. Prints a line of JSON at each moment, in seconds
 * since the process began and in bytes.
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

let mostAnonymous = 0
function print(moment: string): void {
  const { user, system } = process.cpuUsage()
  const { anonymous, peak } = memory()
  mostAnonymous = Math.max(mostAnonymous, anonymous)
  const costs = { wall: performance.now() / 1000, processor: (user + system) / 1e6, anonymous, mostAnonymous, peak }
  process.stdout.write(`${JSON.stringify({ moment, ...costs })}\n`)
}

const outputFolder = await mkdtemp(join(tmpdir(), 'latent-loom-start-'))
const engine = createEngine({ models: [dirname(checkpoint)], preparedFolder: preparedWeights })
const steps = 4
const overrides = Object.entries({
  'checkpoint.file': basename(checkpoint),
  'latent.width': '512',
  'latent.height': '512',
  steps: String(steps),
}).map(([name, value]) => ({ name, value }))
const document = readFileSync(new URL('../resources/templates/ddim-25.loom.json', import.meta.url), 'utf8')
print('the program is loaded')
await engine.run(
  { document, folders: [], overrides, seed: '1', outputFolder, device: 'cpu', previews: false, verify: false },
  (event) => {
    // the phase of sampling begins with the first step
    if (event.type === 'phase') print(`${event.phase} ${event.label}`)
    if (event.type === 'step' && event.steps === steps) print(`step ${event.step}`)
    if (event.type === 'warning') print(event.error.message)
  },
  new AbortController().signal,
)
print('the picture is drawn')
await engine.close()
await rm(outputFolder, { recursive: true })
