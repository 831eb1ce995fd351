/**
 * `npm run bench:device`: what a device does with our graphs, for somebody who has one. It takes ten minutes at most and no
 * network, prints a table, and writes bench/.cache/device.json.
 * --device NAME   the one that the program takes by itself if absent
 * --minutes N     10 if absent; what does not fit any more is left out, and said to be
 * --checkpoint F  of SD1.5's size if absent, with random weights (2.1 GB, written once)
 * --size N        512 if absent
 * --rounds N      10 if absent
 */
import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { type Precision, precisions } from '#core/protocol/messages.ts'
import { type Provider, recipes } from '#engine/onnx/passes/recipes.ts'
import { engineEnvironment } from '#main/host/environment.ts'
import { listCards } from '#main/setup/cards.ts'
import { goldenModels } from '#test/parity/golden-models.ts'
import type { GoldenResult, StepResult } from './device-part.ts'
import { cached, checkpoint as usualCheckpoint } from './files.ts'
import { median } from './measuring.ts'
import { randomCheckpoint, sd15Tensors } from './random-checkpoint.ts'

const { values } = parseArgs({
  options: {
    device: { type: 'string' },
    minutes: { type: 'string', default: '10' },
    checkpoint: { type: 'string' },
    size: { type: 'string', default: '512' },
    rounds: { type: 'string', default: '10' },
  },
})
const { size, rounds } = values
const end = performance.now() + Number(values.minutes) * 60_000

type Outcome<T> = { readonly result: T } | { readonly failed: string }
type Measured = StepResult & { readonly card?: number; readonly version?: string }

/** Runs a program that prints JSON in its last line, for as long as there is time. */
async function measure<T>(program: string, args: readonly string[]): Promise<Outcome<T>> {
  const left = end - performance.now()
  if (left < 5_000) return { failed: 'no time was left' }
  try {
    const options = {
      env: engineEnvironment(),
      timeout: Math.round(left),
      killSignal: 'SIGKILL',
      maxBuffer: 1e8,
    } as const
    const { stdout } = await promisify(execFile)(program, [...args], options)
    return { result: JSON.parse(stdout.trim().split('\n').at(-1) ?? '') }
  } catch (error) {
    if (performance.now() >= end) return { failed: 'it was not done in time' }
    const { stderr = '', message } = error as Error & { readonly stderr?: string }
    const lines = `${message}\n${stderr}`.split('\n').filter((line) => /error|no card|not|No module/i.test(line))
    return { failed: (lines.at(-1) ?? message).trim().slice(0, 200) }
  }
}

const part = (...args: readonly string[]) =>
  [fileURLToPath(new URL('device-part.ts', import.meta.url)), ...args] as const

/** Bytes of memory in use on NVIDIA's cards; undefined without one. */
function cardMemory(): number | undefined {
  const query = ['--query-gpu=memory.used', '--format=csv,noheader,nounits']
  const { status, stdout } = spawnSync('nvidia-smi', query, { encoding: 'utf8' })
  return status === 0 ? stdout.split('\n').reduce((sum, line) => sum + Number(line), 0) * 2 ** 20 : undefined
}

/** A step, with the most memory that the card had in use meanwhile, above what it had before. */
async function measureStep(program: string, args: readonly string[]): Promise<Outcome<Measured>> {
  const before = cardMemory()
  let peak = before ?? 0
  const watch =
    before === undefined
      ? undefined
      : setInterval(() => {
          peak = Math.max(peak, cardMemory() ?? 0)
        }, 250)
  const outcome = await measure<Measured>(program, args)
  clearInterval(watch)
  if (before === undefined || 'failed' in outcome) return outcome
  return { result: { ...outcome.result, card: peak - before } }
}

/** @param name undefined for the one that the program takes by itself */
async function deviceOf(name: string | undefined): Promise<Provider> {
  const known = Object.keys(recipes) as Provider[]
  if (name !== undefined) return known.find((each) => each === name) ?? usage(`There is no device ${name}.`)
  const { openEngine } = await import('../scripts/demo/draw.ts')
  const engine = openEngine()
  const { automatic } = await engine.devices()
  await engine.close()
  return known.find((each) => each === automatic?.device) ?? 'cpu'
}

function usage(problem: string): never {
  process.stderr.write(`${problem}\n`)
  process.exit(2)
}

const device = await deviceOf(values.device)
const asked: readonly Precision[] = precisions.filter(
  (precision) => precision === 'float32' || recipes[device].precision === precision,
)
const best = recipes[device].precision
/** Recipes that are compared on the device: its own, and the plain one, whose ops every card has. */
const ways: readonly (readonly [recipe: Provider, precision: Precision])[] = [
  ...asked.toReversed().map((precision) => [device, precision] as const),
  ...(device === 'dml' ? [] : [['dml', best] as const]),
]

const note = (text: string) => process.stderr.write(`${text}\n`)
const tell = (text: string) => process.stdout.write(`${text}\n`)
const toldGolden = (outcome: Outcome<GoldenResult>) =>
  'failed' in outcome ? outcome.failed : outcome.result.distance.toExponential(1)

const cards = await listCards()
const goldens: Record<string, Outcome<GoldenResult>> = {}
for (const name of Object.keys(goldenModels)) {
  note(`golden ${name} on ${device} in ${best}`)
  goldens[name] = await measure<GoldenResult>(process.execPath, part('golden', name, device, best))
}

const checkpoint = values.checkpoint ?? (await randomCheckpoint(usualCheckpoint, sd15Tensors()))
const steps: Record<string, Outcome<Measured>> = {}
for (const batch of ['1', '2']) {
  for (const [recipe, precision] of ways) {
    const name = `${recipe === device ? 'ours' : 'plain'}, ${precision}, batch ${batch}`
    note(`step: ${name}`)
    const args = part('step', checkpoint, device, precision, recipe, size, batch, rounds)
    steps[name] = await measureStep(process.execPath, args)
  }
  if (values.checkpoint !== undefined) continue
  note(`step: PyTorch, batch ${batch}`)
  const program = fileURLToPath(new URL('device-pytorch.py', import.meta.url))
  steps[`PyTorch, float16, batch ${batch}`] = await measureStep('python3', [program, checkpoint, size, batch, rounds])
}

const report = { device, cards, size: Number(size), platform: `${process.platform} ${process.arch}`, goldens, steps }
const file = cached('device.json')
mkdirSync(dirname(file), { recursive: true })
writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`)

const cardsTold = cards.map((card) => `${card.name}, driver ${card.driver}`).join('; ')
tell(`\n${device} on ${cardsTold || 'no card of NVIDIA’s'}, ${report.platform}\n`)
tell(`| golden, ${best} | largest difference |\n| --- | --- |`)
for (const [name, outcome] of Object.entries(goldens)) tell(`| ${name} | ${toldGolden(outcome)} |`)
tell(
  `\n| step, ${size} x ${size} | median | fastest | first | session | memory |\n| --- | --- | --- | --- | --- | --- |`,
)
const milliseconds = (seconds: number) => `${(seconds * 1000).toFixed(1)} ms`
for (const [name, outcome] of Object.entries(steps)) {
  if ('failed' in outcome) {
    tell(`| ${name} | ${outcome.failed} | | | | |`)
    continue
  }
  const { runs, creation, card, peak } = outcome.result
  const warm = runs.slice(1)
  const times = [median(warm), Math.min(...warm), runs[0] ?? Number.NaN].map(milliseconds).join(' | ')
  tell(`| ${name} | ${times} | ${creation.toFixed(1)} s | ${((card ?? peak) / 1e9).toFixed(2)} GB |`)
}
note(`\nWritten to ${file}`)
