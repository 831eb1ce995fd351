/**
 * `npm run bench`: measures models of SD1.5's and SDXL's size on this machine at 512 x 512, in float32 on the CPU.
 * Writes random checkpoints once (2.1 and 6.9 GB in bench/.cache) and prints a table. `npm run bench:peers` compares with
 * other programs.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { engineEnvironment } from '#main/host/environment.ts'
import { draw, openEngine } from '../scripts/demo/draw.ts'
import { checkpoint, lcmLora, sdxlCheckpoint } from './files.ts'
import type { LiveMeasurement } from './live.ts'
import type { Measurement, Way } from './measure.ts'
import { median } from './measuring.ts'
import { randomCheckpoint, sd15Tensors, sdxlTensors } from './random-checkpoint.ts'
import { randomLora } from './random-lora.ts'

const program = fileURLToPath(new URL('measure.ts', import.meta.url))

function measure(name: string, rounds: number, ways: readonly Way[] = ['cpu'], file = checkpoint): Measurement {
  process.stderr.write(`${name} … `)
  const args = [program, file, name, String(rounds), ...ways]
  const output = execFileSync(process.execPath, args, { env: engineEnvironment(), maxBuffer: 1e8 })
  process.stderr.write('done\n')
  return JSON.parse(output.toString())
}

function measureLive(): LiveMeasurement {
  const args = [fileURLToPath(new URL('live.ts', import.meta.url)), checkpoint, '512', '4']
  return JSON.parse(execFileSync(process.execPath, args, { env: engineEnvironment() }).toString())
}

/** Median without the first run, which allocates memory arenas. */
const warm = (runs: readonly number[] = []) => median(runs.slice(1))
const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`
const seconds = (value: number) => `${value.toFixed(2)} s`

await randomCheckpoint(checkpoint, sd15Tensors())
await randomCheckpoint(sdxlCheckpoint, sdxlTensors())
await randomLora(lcmLora, checkpoint)

const text = measure('text-encoder', 4)
const unet = measure('unet', 5)
const first = measure('unet', 1, ['first'])
const ready = measure('unet', 5, ['prepared'])
const readyInTurn = measure('unet', 5, ['cpu', 'prepared'])
const batch = measure('unet-batch-2', 3)
const adapted = measure('unet-lcm-lora', 3)
const vae = measure('vae-decoder', 4)
const live = measureLive()
const sdxl = measure('sdxl-unet', 2, ['cpu'], sdxlCheckpoint)
const unetLowerings = measure('unet', 5, ['cpu', 'portable'])
const vaeLowerings = measure('vae-decoder', 4, ['cpu', 'portable'])

const folder = mkdtempSync(join(tmpdir(), 'latent-loom-bench-'))
const engine = openEngine()
const pictures: number[] = []
for (let seed = 0; seed < 6; seed++)
  pictures.push((await draw(engine, 'lcm-lora', { seed }, folder)).milliseconds / 1000)
await engine.close()
rmSync(folder, { recursive: true })

const memory = ({ peak, float32Bytes }: Measurement) =>
  `${gigabytes(peak)}, ${(peak / float32Bytes).toFixed(2)} x the float32 weights`
const ratioOf = (a: readonly number[] | undefined, b: readonly number[] | undefined) => (warm(a) / warm(b)).toFixed(2)
const ratio = ({ runs }: Measurement) => ratioOf(runs.portable, runs.cpu)
const firstAndLater = (made: Measurement, before: Measurement) =>
  `${seconds(made.creation.first ?? Number.NaN)}, ${seconds(before.creation.prepared ?? Number.NaN)}`
const step = warm(unet.runs.cpu)
const decode = warm(vae.runs.cpu)

const rows: readonly (readonly [string, string])[] = [
  ['Processor', `${cpus()[0]?.model}, ${cpus().length} cores`],
  ['Header and graph of the UNet', `${Math.round(unet.header)} + ${Math.round(unet.graph)} ms`],
  ['Session of the UNet', seconds(unet.creation.cpu ?? Number.NaN)],
  ['  with an LCM-LoRA, rank 64', seconds(adapted.creation.cpu ?? Number.NaN)],
  ['  its weights made ready first, made ready before', firstAndLater(first, ready)],
  ['UNet step, mapped / in memory, in turn', ratioOf(readyInTurn.runs.prepared, readyInTurn.runs.cpu)],
  ['Memory of no file, UNet, in memory / mapped', `${gigabytes(unet.anonymous)} / ${gigabytes(ready.anonymous)}`],
  ['Text encoder, 77 tokens', seconds(warm(text.runs.cpu))],
  ['UNet step, batch 1', seconds(step)],
  ['UNet step, batch 2 (guidance)', seconds(warm(batch.runs.cpu))],
  ['UNet step, live strengths / folded, in turn', (warm(live.live.runs) / warm(live.folded.runs)).toFixed(2)],
  ['Session of the UNet, live / folded', `${seconds(live.live.creation)} / ${seconds(live.folded.creation)}`],
  ['VAE decode', seconds(decode)],
  ['Peak memory, UNet', memory(unet)],
  ['  with an LCM-LoRA, rank 64', memory(adapted)],
  ['Peak memory, VAE decoder', gigabytes(vae.peak)],
  ['SDXL: header and graph of the UNet', `${Math.round(sdxl.header)} + ${Math.round(sdxl.graph)} ms`],
  ['  session', seconds(sdxl.creation.cpu ?? Number.NaN)],
  ['  step, batch 1', seconds(warm(sdxl.runs.cpu))],
  ['  peak memory, UNet', memory(sdxl)],
  ['Embedded model, 128 x 128, 4 steps, cold', seconds(pictures[0] ?? Number.NaN)],
  ['  warm, another seed', seconds(warm(pictures))],
  ['UNet step, plain graph / ours, in turn', ratio(unetLowerings)],
  ['VAE decode, plain graph / ours, in turn', ratio(vaeLowerings)],
]
for (const [name, value] of rows) process.stdout.write(`${name.padEnd(46)}${value}\n`)
