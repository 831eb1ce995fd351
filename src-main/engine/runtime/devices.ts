import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type InferenceSession, listSupportedBackends } from 'onnxruntime-node'
import { LoomError } from '#core/errors.ts'
import type { DeviceChoice, Precision, PrecisionChoice, Result } from '#core/protocol/messages.ts'
import { type Provider, recipes } from '../onnx/passes/recipes.ts'
import { computesInHalf } from './half-probe.ts'

/** An execution provider and its session options. */
export interface Device {
  readonly name: Provider
  /** As asked for. */
  readonly precision: PrecisionChoice
  /** What networks compute in that do not need float32. */
  computesIn(): Promise<Precision>
  /** @param folder base of the relative paths of initializers */
  sessionOptions(folder: string, level: 'basic' | 'all'): InferenceSession.SessionOptions
}

/** The providers, with advice if one is missing. */
const providers: Record<Provider, { readonly is: string; readonly missing: string }> = {
  cuda: {
    is: 'NVIDIA GPU through CUDA 12',
    missing:
      'needs Linux x64 with an NVIDIA driver, CUDA 12 and cuDNN 9; then `npm run fetch-cuda` fetches the provider',
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

/** Order of preference for `auto`. Without WebGPU, because a software adapter cannot be told from a GPU. */
const preference: readonly Provider[] = ['cuda', 'dml', 'coreml', 'cpu']

/** All known devices, and whether each is available. */
export function listDevices(): Result<'devices'>['devices'] {
  const built = new Set(listSupportedBackends().map((backend) => backend.name))
  return (Object.keys(providers) as Provider[]).map((name) => {
    const available = built.has(name) && (name !== 'cuda' || hasCudaLibrary())
    return { name, available, detail: available ? providers[name].is : providers[name].missing }
  })
}

/**
 * The chosen device. `auto` takes the best that is available.
 * @throws LoomError `unsupported` if it is not available, or does not compute in the precision
 */
export function chooseDevice(choice: DeviceChoice, precision: PrecisionChoice = 'auto'): Device {
  const reports = new Map(listDevices().map((report) => [report.name, report]))
  const name = choice === 'auto' ? preference.find((candidate) => reports.get(candidate)?.available) : choice
  const report = name && reports.get(name)
  if (!name || !report?.available) {
    throw new LoomError('unsupported', `The device ${choice} is not there: it ${report?.detail ?? 'is unknown'}.`, {
      hint: '`latent-loom doctor` lists the devices; --device cpu always works.',
    })
  }
  if (precision === 'float16' && recipes[name].precision === 'float32') {
    throw new LoomError('unsupported', `The device ${name} does not compute in float16.`, {
      hint: 'Take --precision auto or float32, or another device.',
    })
  }
  return {
    name,
    precision,
    computesIn: async () => (precision === 'auto' ? automaticPrecision(name) : precision),
    sessionOptions: (folder, graphOptimizationLevel) => ({
      executionProviders: name === 'cpu' ? ['cpu'] : [name, 'cpu'],
      graphOptimizationLevel,
      logSeverityLevel: 3,
      // a memory pattern is a block in addition to the first run's arena and doubles the memory of a VAE's activations
      enableMemPattern: false,
      extra: {
        session: {
          model_external_initializers_file_folder_path: folder,
          // spinning threads slow down the session that runs next
          intra_op: { allow_spinning: '0' },
        },
      },
    }),
  }
}

/** The recipe's, unless the adapter lacks it, as some that WebGPU finds do. */
async function automaticPrecision(name: Provider): Promise<Precision> {
  return name === 'webgpu' && !(await computesInHalf()) ? 'float32' : recipes[name].precision
}

function hasCudaLibrary(): boolean {
  const root = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'))
  return existsSync(join(root, 'bin/napi-v6', process.platform, process.arch, 'libonnxruntime_providers_cuda.so'))
}
