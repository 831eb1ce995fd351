import type { Provider } from '../onnx/passes/recipes.ts'
import type { Api } from './api.ts'
import type { Binding } from './binding.ts'
import { createCSession } from './c-session.ts'
import { tensorOver } from './c-tensor.ts'
import { written } from './handle.ts'
import { intOf } from './memory.ts'

/** `OrtLoggingLevel`: errors. */
const logErrors = 3
/** `OrtAllocatorType` and `OrtMemType`: memory that is not ONNX Runtime's own, on the processor. */
const deviceAllocator = 0
const defaultMemory = 0

const providerNames: Readonly<Record<string, Provider>> = {
  CPUExecutionProvider: 'cpu',
  CUDAExecutionProvider: 'cuda',
  DmlExecutionProvider: 'dml',
  CoreMLExecutionProvider: 'coreml',
  WebGpuExecutionProvider: 'webgpu',
}

/**
 * ONNX Runtime through its C API. A process has one environment, however often it is asked for.
 * @param hasCuda whether the provider for CUDA lies beside the library, which says it has it all the same
 */
export function createCBinding(api: Api, hasCuda: boolean): Binding {
  const { calls } = api
  // both live as long as the process
  const environment = written((into) => calls.CreateEnv(logErrors, 'latent-loom', into))
  const memory = written((into) => calls.CreateCpuMemoryInfo(deviceAllocator, defaultMemory, into))
  calls.DisableTelemetryEvents(environment)
  return {
    name: 'c',
    version: api.version,
    providers: availableProviders(api, hasCuda),
    createSession: (model, options, signal) => createCSession(api, environment, model, options, signal),
    tensor: (type, data, shape) => tensorOver(api, memory, type, data, shape),
  }
}

function availableProviders(api: Api, hasCuda: boolean): ReadonlySet<Provider> {
  const { calls } = api
  const names = new BigUint64Array(1)
  const count = intOf((into) => calls.GetAvailableProviders(names, into))
  const list = names[0] ?? 0n
  const known = Array.from({ length: count }, (_, index) => api.text(api.pointerAt(list + 8n * BigInt(index))))
  calls.ReleaseAvailableProviders(list, count)
  const providers = known.flatMap((name) => providerNames[name] ?? [])
  return new Set(providers.filter((name) => name !== 'cuda' || hasCuda))
}
