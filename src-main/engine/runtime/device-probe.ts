import { createHash } from 'node:crypto'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { arch, cpus, platform, release } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { writeFileAtomic } from '../files/atomic.ts'
import { makeFolder } from '../files/make-folder.ts'
import { readRegularText } from '../files/regular-file.ts'
import { encode } from '../onnx/encode.ts'
import { Graph } from '../onnx/graph.ts'
import { type Provider, recipes } from '../onnx/passes/recipes.ts'
import { binding } from '../ort/open.ts'
import { alone } from './alone.ts'
import { graphicsAdapters } from './device-memory.ts'
import { chooseDevice } from './devices.ts'

/** What `auto` takes, and why. */
export interface Automatic {
  readonly device: Provider
  /** A sentence. */
  readonly why: string
}

const provider = z.enum(Object.keys(recipes) as [Provider, ...Provider[]])
/** Milliseconds that each device takes for the graph, or why it does not compute it. */
const stored = z.object({
  machine: z.string(),
  measured: z.partialRecord(provider, z.union([z.number(), z.string()])),
})
type Measured = z.infer<typeof stored>['measured']

/** In the order in which they are tried: the first that is faster than the processor is taken. */
const candidates: readonly Provider[] = ['cuda', 'dml', 'coreml', 'webgpu']

/** What the probe asks of the machine. */
export interface ProbedMachine {
  readonly environment: NodeJS.ProcessEnv
  isThere(device: Provider): boolean
  /** Another text when an adapter, a driver or the runtime is another. */
  identity(): Promise<string>
  /** Milliseconds for the graph. */
  measure(device: Provider): Promise<number>
}

const thisMachine: ProbedMachine = { environment: process.env, isThere, identity, measure }

/**
 * Finds the device for `auto` by measuring: a graphics card is one that is faster than the processor, which a software
 * adapter is not. Measured once for an adapter and its driver.
 */
export class DeviceProbe {
  readonly #machine: ProbedMachine
  readonly #path: string | undefined
  #known: Promise<Automatic> | undefined

  /** @param folder cache folder; without it, what was measured lasts as long as the process */
  constructor(folder?: string, machine: ProbedMachine = thisMachine) {
    this.#path = folder === undefined ? undefined : join(folder, 'devices.json')
    this.#machine = machine
  }

  automatic(): Promise<Automatic> {
    this.#known ??= this.#choose()
    return this.#known
  }

  async #choose(): Promise<Automatic> {
    const { environment, isThere } = this.#machine
    const named = provider.safeParse(environment.LATENT_LOOM_DEVICE).data
    if (named) return { device: named, why: 'LATENT_LOOM_DEVICE names it' }
    const there = candidates.filter(isThere)
    if (there.length === 0) return { device: 'cpu', why: 'there is no graphics card that it could use' }
    const machine = await this.#machine.identity()
    const measured = await this.#read(machine)
    const slower: string[] = []
    for (const device of there) {
      const [took, processor] = [
        await this.#time(device, machine, measured),
        await this.#time('cpu', machine, measured),
      ]
      if (typeof took === 'string') slower.push(`${device} cannot be used: ${took}`)
      else if (typeof processor === 'number' && took >= processor) slower.push(compared(device, took, processor))
      else
        return {
          device,
          why: typeof processor === 'number' ? compared(device, took, processor) : 'the processor fails',
        }
    }
    return { device: 'cpu', why: slower.join('; ') }
  }

  async #time(device: Provider, machine: string, measured: Measured): Promise<number | string> {
    const known = measured[device]
    if (known !== undefined) return known
    // a driver may end the process: then this is what the next one reads, and it does not try again
    measured[device] = 'its driver ended the program that tried it'
    await this.#write(machine, measured)
    measured[device] = await this.#machine.measure(device).catch((error: unknown) => firstLine(error))
    await this.#write(machine, measured)
    return measured[device]
  }

  async #read(machine: string): Promise<Measured> {
    const text = this.#path === undefined ? '' : await readRegularText(this.#path).catch(() => '')
    try {
      const { data } = stored.safeParse(JSON.parse(text))
      return data?.machine === machine ? data.measured : {}
    } catch {
      return {}
    }
  }

  async #write(machine: string, measured: Measured): Promise<void> {
    const path = this.#path
    if (path === undefined) return
    // if the folder is not writable, the next process has to measure again
    await makeFolder(dirname(path))
      .then(() => writeFileAtomic(path, JSON.stringify({ machine, measured })))
      .catch(() => undefined)
  }
}

function compared(device: Provider, took: number, processor: number): string {
  return `${device} takes ${took.toFixed(0)} ms for a piece of a UNet that takes the processor ${processor.toFixed(0)} ms`
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]?.slice(0, 300) ?? ''
}

/** Milliseconds after which a device is given up. */
const patience = 10_000
/** Milliseconds of measuring. */
const measuring = 600

/** The quickest of the runs in about half a second, after one that compiles the kernels. */
async function measure(device: Provider): Promise<number> {
  const signal = AbortSignal.timeout(patience)
  const { model, input } = unetPiece()
  return alone(async () => {
    const session = await binding.createSession(
      model,
      chooseDevice(device, 'float32').sessionOptions('/', 'all'),
      signal,
    )
    const x = binding.tensor('float32', input, [1, channels, side, side])
    try {
      const run = async () => {
        const started = performance.now()
        for (const output of (await session.run(new Map([['x', x]]), signal)).values()) output.release()
        return performance.now() - started
      }
      await run()
      const ended = performance.now() + measuring
      let quickest = await run()
      while (performance.now() < ended) quickest = Math.min(quickest, await run())
      return quickest
    } finally {
      x.release()
      await session.release()
    }
  })
}

const channels = 320
const side = 32

/** A convolution and a product of the sizes in SD1.5's UNet at 256 x 256 pixels: 2.5 thousand million multiplications and sums. */
function unetPiece() {
  const numbers = (count: number) => Float32Array.from({ length: count }, (_, i) => Math.sin(i) / 32)
  const graph = new Graph()
  const x = graph.input('x', 'float32', [1, channels, side, side])
  const weight = graph.constant(numbers(channels * channels * 9), [channels, channels, 3, 3])
  const convolved = graph.add('Conv', [x, weight, undefined], {
    kernel_shape: [3, 3],
    strides: [1, 1],
    pads: [1, 1, 1, 1],
    group: 1,
  })
  const rows = graph.reshape(convolved, [1, channels, side * side])
  const matrix = graph.constant(numbers(side ** 4), [side * side, side * side])
  graph.output('y', graph.add('MatMul', [rows, matrix], {}))
  return { model: encode(graph), input: numbers(channels * side * side) }
}

/** Whether a device may have a graphics card. On Linux, WebGPU would be tried in vain where no driver shows one. */
function isThere(device: Provider): boolean {
  if (!binding.providers.has(device)) return false
  if (device !== 'webgpu' || platform() !== 'linux') return true
  const { VK_DRIVER_FILES, VK_ICD_FILENAMES } = process.env
  return Boolean(VK_DRIVER_FILES ?? VK_ICD_FILENAMES) || ['/dev/dri', '/dev/nvidiactl', '/dev/dxg'].some(existsSync)
}

async function identity(): Promise<string> {
  const adapters = await graphicsAdapters()
  const parts = [
    binding.version,
    [platform(), release(), arch(), cpus().length, cpus()[0]?.model],
    adapters.map(({ vendor, model, deviceId, driverVersion }) => [vendor, model, deviceId, driverVersion]),
    vulkanDrivers(),
  ]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

/** Linux names no version of a driver in one place; its packages write these files anew. */
function vulkanDrivers(): readonly (readonly [string, number])[] {
  const { VK_DRIVER_FILES, VK_ICD_FILENAMES } = process.env
  const named = (VK_DRIVER_FILES ?? VK_ICD_FILENAMES ?? '').split(':').filter((path) => path !== '')
  const files = named.length > 0 ? named : ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d'].flatMap(filesIn)
  return files.map((path) => [path, statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0])
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name))
  } catch {
    return []
  }
}
