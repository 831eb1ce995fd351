import { readdirSync, readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import type { Systeminformation } from 'systeminformation'
import type { Provider } from '../onnx/passes/recipes.ts'

/** What is known of the memory that networks have on a device, in bytes. */
export interface DeviceMemory {
  /** Absent: not known. */
  readonly total?: number
  /** What networks may take of it; the rest is for the screen, other programs and what kernels take for themselves. */
  readonly budget?: number
  /** Where the numbers come from, or why there are none. */
  readonly why: string
}

type Adapter = Pick<
  Systeminformation.GraphicsControllerData,
  'vendor' | 'model' | 'vram' | 'vramDynamic' | 'memoryTotal' | 'memoryFree'
>

const mebibyte = 2 ** 20
const gibibyte = 2 ** 30
/** Guessed: a card that also shows the screen. */
const usable = 0.9
/** Of the memory that a graphics card shares with the processor; what Metal recommends on machines of up to 32 GB. */
const ofShared = 2 / 3
/** Windows shows less for graphics in the processor, which has the system's memory besides. */
const leastCard = 2 * gibibyte

/** Which adapter a provider takes if there are several. DirectML takes the screen's, which nothing here tells. */
const taken: Readonly<Record<Exclude<Provider, 'cpu'>, 'largest' | 'smallest'>> = {
  cuda: 'largest',
  webgpu: 'largest',
  coreml: 'largest',
  dml: 'smallest',
}

interface Machine {
  readonly platform: NodeJS.Platform
  readonly adapters: readonly Adapter[]
  /** Bytes that the kernel's driver for AMD cards reports. */
  readonly amd?: readonly number[]
  /** Bytes of the system's memory. */
  readonly system: number
  readonly environment: NodeJS.ProcessEnv
}

/** The memory of the adapter that a provider uses, as far as the machine tells. */
export function memoryOf(
  provider: Provider,
  { platform, adapters, amd = [], system, environment }: Machine,
): DeviceMemory {
  if (provider === 'cpu') return { why: 'the system keeps or drops mapped weights by itself' }
  const named = Number(environment.LATENT_LOOM_GPU_MEMORY) * gibibyte
  if (named > 0) return { total: named, budget: named, why: 'LATENT_LOOM_GPU_MEMORY' }
  const shared = (model: string): DeviceMemory => ({
    total: system,
    budget: system * ofShared,
    why: `${model} shares the system's memory`,
  })
  const found = adapters.flatMap(({ vendor, model, vram, vramDynamic, memoryTotal, memoryFree }): DeviceMemory[] => {
    if (memoryTotal !== undefined) {
      const total = memoryTotal * mebibyte
      const free = memoryFree === undefined ? total : memoryFree * mebibyte
      return [{ total, budget: Math.min(usable * total, free), why: `nvidia-smi on ${model}` }]
    }
    if (platform === 'darwin' && (vramDynamic || /apple/i.test(`${vendor} ${model}`))) return [shared(model)]
    // of a card without nvidia-smi, lspci shows the window on its memory, not its size
    if (platform === 'linux' || vram === null || vram * mebibyte < leastCard) return []
    return [{ total: vram * mebibyte, budget: usable * vram * mebibyte, why: model }]
  })
  const cards = amd
    .filter((bytes) => bytes >= leastCard)
    .map((bytes): DeviceMemory => ({ total: bytes, budget: usable * bytes, why: "amdgpu, the kernel's driver" }))
  const nvidia = ({ why }: DeviceMemory) => provider !== 'cuda' || why.startsWith('nvidia-smi')
  const known = [...found, ...cards].filter(nvidia).sort((a, b) => (a.total ?? 0) - (b.total ?? 0))
  const memory = known.at(taken[provider] === 'largest' ? -1 : 0)
  const names = adapters.map(({ model }) => model).filter((model) => model !== '')
  return memory ?? { why: names.length > 0 ? `nothing tells the memory of ${names.join(', ')}` : 'nothing tells it' }
}

/** The memory of a device of this machine. */
export async function deviceMemory(provider: Provider): Promise<DeviceMemory> {
  const { platform, env: environment } = process
  const isNamed = provider === 'cpu' || Number(environment.LATENT_LOOM_GPU_MEMORY) > 0
  return memoryOf(provider, {
    platform,
    system: totalmem(),
    environment,
    adapters: isNamed ? [] : await graphicsAdapters(),
    amd: isNamed || platform !== 'linux' ? [] : amdMemory(),
  })
}

/** The graphics cards as the system names them. It asks programs of the system, which may take a second. */
export async function graphicsAdapters(): Promise<readonly Systeminformation.GraphicsControllerData[]> {
  const { graphics } = await import('systeminformation')
  return graphics().then(
    ({ controllers }) => controllers,
    () => [],
  )
}

/** https://docs.kernel.org/gpu/amdgpu/driver-misc.html#memory-info; the kernel's own files, which are always there at once. */
function amdMemory(): number[] {
  return namesIn(cardsFolder)
    .filter((name) => /^card\d+$/.test(name))
    .map((name) => numberIn(join(cardsFolder, name, 'device/mem_info_vram_total')))
}

const cardsFolder = '/sys/class/drm'

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function numberIn(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8'))
  } catch {
    return 0
  }
}
