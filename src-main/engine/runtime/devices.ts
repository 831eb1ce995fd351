import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type InferenceSession, listSupportedBackends } from 'onnxruntime-node'
import { LoomError } from '#core/errors.ts'
import type { DeviceChoice, Result } from '#core/protocol/messages.ts'
import type { Lowering } from '../onnx/passes/lower.ts'

type DeviceName = Exclude<DeviceChoice, 'auto'>

/** An execution provider and its session options. */
export interface Device {
  readonly name: DeviceName
  /** Lowering of graphs for this device. */
  readonly lowering: Lowering
  /** @param folder base of the relative paths of initializers */
  sessionOptions(folder: string, level: 'basic' | 'all'): InferenceSession.SessionOptions
}

/** The providers, with advice if one is missing. */
const providers: Record<DeviceName, { readonly is: string; readonly missing: string; readonly lowering: Lowering }> = {
  cuda: {
    is: 'NVIDIA GPU through CUDA 12',
    missing:
      'needs Linux x64 with an NVIDIA driver, CUDA 12 and cuDNN 9; then `npm run fetch-cuda` fetches the provider',
    lowering: 'portable',
  },
  dml: { is: 'Windows GPU through DirectML', lowering: 'portable', missing: 'comes with the Windows build only' },
  coreml: {
    is: 'Apple Neural Engine and GPU through CoreML',
    lowering: 'portable',
    missing: 'comes with the build for Apple silicon only',
  },
  webgpu: {
    is: 'any GPU through WebGPU (experimental)',
    lowering: 'webgpu',
    missing: 'does not come with the build for this platform',
  },
  cpu: { is: 'the processor', lowering: 'cpu', missing: '' },
}

/** Order of preference for `auto`. Without WebGPU, because a software adapter cannot be told from a GPU. */
const preference: readonly DeviceName[] = ['cuda', 'dml', 'coreml', 'cpu']

/** All known devices, and whether each is available. */
export function listDevices(): Result<'devices'>['devices'] {
  const built = new Set(listSupportedBackends().map((backend) => backend.name))
  return (Object.keys(providers) as DeviceName[]).map((name) => {
    const available = built.has(name) && (name !== 'cuda' || hasCudaLibrary())
    return { name, available, detail: available ? providers[name].is : providers[name].missing }
  })
}

/**
 * The chosen device. `auto` takes the best that is available.
 * @throws LoomError `unsupported` if it is not available
 */
export function chooseDevice(choice: DeviceChoice): Device {
  const reports = new Map(listDevices().map((report) => [report.name, report]))
  const name = choice === 'auto' ? preference.find((candidate) => reports.get(candidate)?.available) : choice
  const report = name && reports.get(name)
  if (!name || !report?.available) {
    throw new LoomError('unsupported', `The device ${choice} is not there: it ${report?.detail ?? 'is unknown'}.`, {
      hint: '`latent-loom doctor` lists the devices; --device cpu always works.',
    })
  }
  return {
    name,
    lowering: providers[name].lowering,
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

function hasCudaLibrary(): boolean {
  const root = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'))
  return existsSync(join(root, 'bin/napi-v6', process.platform, process.arch, 'libonnxruntime_providers_cuda.so'))
}
