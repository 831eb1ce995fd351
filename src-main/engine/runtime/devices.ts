import { LoomError } from '#core/errors.ts'
import type { Precision, PrecisionChoice, Result } from '#core/protocol/messages.ts'
import { type Provider, recipes } from '../onnx/passes/recipes.ts'
import type { SessionOptions } from '../ort/binding.ts'
import { binding } from '../ort/open.ts'
import { computesInHalf } from './half-probe.ts'

/** An execution provider and its session options. */
export interface Device {
  readonly name: Provider
  /** As asked for. */
  readonly precision: PrecisionChoice
  /** What networks compute in that do not need float32. */
  computesIn(): Promise<Precision>
  /** @param folder base of the relative paths of initializers */
  sessionOptions(folder: string, level: 'disabled' | 'basic' | 'all'): SessionOptions
}

interface ProviderRow {
  readonly is: string
  /** Advice if it is missing. */
  readonly missing: string
  /** Its own options, which only the C API passes on. */
  readonly options?: (environment: NodeJS.ProcessEnv) => Readonly<Record<string, string>>
}

const providers: Record<Provider, ProviderRow> = {
  cuda: {
    is: 'NVIDIA GPU through CUDA',
    missing:
      process.env.LATENT_LOOM_CUDA === undefined
        ? 'needs an NVIDIA driver, and libraries that `latent-loom setup cuda` fetches'
        : 'needs an NVIDIA driver; the libraries that were fetched for it are not used without',
    options: cudaOptions,
  },
  dml: { is: 'Windows GPU through DirectML', missing: 'comes with the Windows build only' },
  coreml: {
    is: 'Apple Neural Engine and GPU through CoreML',
    missing: 'comes with the build for Apple silicon only',
  },
  webgpu: {
    is: 'any GPU through WebGPU (experimental)',
    missing: 'does not come with the build for this platform',
  },
  cpu: { is: 'the processor', missing: '' },
}

/** All known devices, and whether each is available. */
export function listDevices(): Result<'devices'>['devices'] {
  return (Object.keys(providers) as Provider[]).map((name) => {
    const available = binding.providers.has(name)
    return { name, available, detail: available ? providers[name].is : providers[name].missing }
  })
}

/**
 * A device; the probe finds the one for `auto`.
 * @throws LoomError `unsupported` if it is not available, or does not compute in the precision
 */
export function chooseDevice(name: Provider, precision: PrecisionChoice = 'auto'): Device {
  if (!binding.providers.has(name)) {
    throw new LoomError('unsupported', `The device ${name} is not there: it ${providers[name].missing}.`, {
      hint: '`latent-loom doctor` lists the devices; --device cpu always works.',
    })
  }
  if (precision === 'float16' && recipes[name].precision === 'float32') {
    throw new LoomError('unsupported', `The device ${name} does not compute in float16.`, {
      hint: 'Take the precision auto or float32, or another device.',
    })
  }
  return {
    name,
    precision,
    computesIn: async () => (precision === 'auto' ? automaticPrecision(name) : precision),
    sessionOptions: (folder, optimisation) => ({
      providers:
        name === 'cpu'
          ? [{ name }]
          : [{ name, options: providers[name].options?.(process.env) ?? {} }, { name: 'cpu' }],
      optimisation,
      // a memory pattern is a block in addition to the first run's arena and doubles the memory of a VAE's activations
      memoryPattern: false,
      config: {
        'session.model_external_initializers_file_folder_path': folder,
        // a packed copy of every weight is no faster to use, but the session owns it, while the file's pages are shared
        ...(name === 'cpu' && { 'session.disable_prepacking': '1' }),
        // spinning threads slow down the session that runs next
        'session.intra_op.allow_spinning': '0',
      },
    }),
  }
}

/** The recipe's, unless the adapter lacks it, as some that WebGPU finds do. */
async function automaticPrecision(name: Provider): Promise<Precision> {
  return name === 'webgpu' && !(await computesInHalf()) ? 'float32' : recipes[name].precision
}

const gibibyte = 2 ** 30

/**
 * Options of the CUDA provider (https://onnxruntime.ai/docs/execution-providers/CUDA-ExecutionProvider.html). Never run.
 * No CUDA graphs: a replay reads its inputs where they lay when it was captured, and here each run has new ones.
 * @param environment LATENT_LOOM_GPU_MEMORY limits the arena, in GiB
 */
export function cudaOptions({ LATENT_LOOM_GPU_MEMORY }: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const limit = Number(LATENT_LOOM_GPU_MEMORY)
  return {
    // convolutions on tensor cores take channels last
    prefer_nhwc: '1',
    // a power of two would take up to twice what a large picture needs
    arena_extend_strategy: 'kSameAsRequested',
    ...(limit > 0 && { gpu_mem_limit: String(Math.round(limit * gibibyte)) }),
  }
}
