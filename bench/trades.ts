/**
 * Measures options that trade truth for time: `node bench/trades.ts [SIZE]`. Draws a pair of pictures with the embedded model
 * into docs/pictures, says how far they are apart, and compares steps and decodes of SD1.5's size, in turn.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { openCheckpoint, openNetwork } from '#engine/models/detect.ts'
import type { Model } from '#engine/models/networks/model.ts'
import { buildUnet } from '#engine/models/networks/unet.ts'
import { buildVaeDecoder } from '#engine/models/networks/vae.ts'
import { openSession } from '#engine/prepared/open-session.ts'
import { PreparedWeights } from '#engine/prepared/prepared-weights.ts'
import { chooseDevice } from '#engine/runtime/devices.ts'
import type { NetworkSession } from '#engine/runtime/session.ts'
import type { FloatTensor } from '#engine/tensor/float-tensor.ts'
import { programFolder } from '#main/program.ts'
import { writeTensors } from '#test/tensor-file.ts'
import { tinyTensors } from '#test/tiny-autoencoder.ts'
import { draw, openEngine } from '../scripts/demo/draw.ts'
import { checkpoint, preparedWeights } from './files.ts'
import { median, timed, waves } from './measuring.ts'

const [size = '512'] = process.argv.slice(2)
const strides = [1, 2]
const seeds = [1, 2, 3, 4]
/** The embedded model's own size. */
const side = 128

await drawPairs()
await compareSteps(Number(size))
await compareDecoders(Number(size))

/** The upper row as the model was trained, the lower one with attention to every second pixel. */
async function drawPairs(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'latent-loom-trades-'))
  const engine = openEngine()
  const rows: string[][] = []
  for (const stride of strides) {
    const row: string[] = []
    for (const seed of seeds) {
      row.push((await draw(engine, 'lcm-lora', { 'checkpoint.keyStride': stride, seed }, folder)).path)
    }
    rows.push(row)
  }
  await engine.close()
  const [exact = [], sparse = []] = rows
  for (const [index, path] of exact.entries()) {
    const { cosine, psnr } = await compared(path, sparse[index] ?? '')
    process.stdout.write(`seed ${seeds[index]}: cosine ${cosine.toFixed(4)}, PSNR ${psnr.toFixed(1)} dB\n`)
  }
  const composed = rows.flatMap((row, y) => row.map((input, x) => ({ input, left: x * side, top: y * side })))
  await sharp({ create: { width: side * seeds.length, height: side * rows.length, channels: 3, background: '#fff' } })
    .composite(composed)
    .webp({ quality: 90 })
    .toFile(join(programFolder, 'docs', 'pictures', 'attention-stride.webp'))
  rmSync(folder, { recursive: true })
}

async function compared(a: string, b: string): Promise<{ cosine: number; psnr: number }> {
  const [x, y] = [await sharp(a).removeAlpha().raw().toBuffer(), await sharp(b).removeAlpha().raw().toBuffer()]
  const sum = (of: (x: number, y: number) => number) =>
    x.reduce((total, value, index) => total + of(value, y[index] ?? 0), 0)
  const error = sum((p, q) => (p - q) ** 2) / x.length
  const cosine = sum((p, q) => p * q) / Math.sqrt(sum((p) => p * p) * sum((_, q) => q * q))
  return { cosine, psnr: 10 * Math.log10(255 ** 2 / error) }
}

async function compareSteps(pixels: number): Promise<void> {
  const { unet } = await openCheckpoint(checkpoint)
  if (!unet) throw new Error(`${checkpoint} has no UNet.`)
  const models = new Map(strides.map((stride) => [`step, stride ${stride}`, buildUnet(unet, stride)]))
  await compareInTurn(pixels, models, {
    latent: waves([1, 4, pixels / 8, pixels / 8]),
    timestep: { data: Float32Array.of(499), shape: [1] },
    context: waves([1, 77, 768]),
  })
}

/** The tiny one has random weights too: its times are those of a published one. */
async function compareDecoders(pixels: number): Promise<void> {
  const { vae } = await openCheckpoint(checkpoint)
  if (!vae) throw new Error(`${checkpoint} has no VAE.`)
  const folder = mkdtempSync(join(tmpdir(), 'latent-loom-trades-'))
  const { vae: tiny } = await openNetwork(writeTensors(join(folder, 'taesd.safetensors'), tinyTensors()), 'vae', 'sd1')
  if (!tiny) throw new Error('The tiny autoencoder was not recognised.')
  const models = new Map([
    ['decode', buildVaeDecoder(vae)],
    ['decode by a TAESD', buildVaeDecoder(tiny)],
  ])
  await compareInTurn(pixels, models, { latent: waves([1, 4, pixels / 8, pixels / 8]) })
  rmSync(folder, { recursive: true })
}

async function compareInTurn(pixels: number, models: ReadonlyMap<string, Model>, feeds: Record<string, FloatTensor>) {
  const opening = { device: chooseDevice('cpu'), prepared: new PreparedWeights(preparedWeights), verify: false }
  const measured: { name: string; session: NetworkSession; seconds: number[]; work: number[] }[] = []
  for (const [name, model] of models) {
    measured.push({ name, session: await openSession(name, model, opening), seconds: [], work: [] })
  }
  for (let round = 0; round < 4; round++) {
    for (const { session, seconds, work } of measured) {
      const before = process.cpuUsage()
      const took = await timed(() => session.run(feeds))
      const { user, system } = process.cpuUsage(before)
      if (round === 0) continue
      seconds.push(took)
      work.push((user + system) / 1e6)
    }
  }
  for (const { name, session, seconds, work } of measured) {
    const times = `${median(seconds).toFixed(2)} s, ${median(work).toFixed(2)} s of processor time`
    process.stdout.write(`${name} at ${pixels} pixels: ${times}\n`)
    await session.release()
  }
}
