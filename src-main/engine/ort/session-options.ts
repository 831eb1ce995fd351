import type { Provider } from '../onnx/passes/recipes.ts'
import type { Api } from './api.ts'
import type { ProviderChoice, SessionOptions } from './binding.ts'
import { type Handle, made } from './handle.ts'
import { addressArray, entryArrays, pathArray } from './memory.ts'

/** `GraphOptimizationLevel` */
const levels: Readonly<Record<SessionOptions['optimisation'], number>> = { disabled: 0, basic: 1, extended: 2, all: 99 }

/** Only errors are printed. */
const logErrors = 3

/** How ONNX Runtime calls a provider that takes its options as keys and values. */
const genericNames: Readonly<Record<Exclude<Provider, 'cpu' | 'cuda'>, string>> = {
  dml: 'DML',
  coreml: 'CoreML',
  webgpu: 'WebGPU',
}

/**
 * `OrtSessionOptions`. The bytes of external files are the caller's to hold.
 * @throws OrtError for an option that ONNX Runtime or a provider does not take
 */
export function sessionOptions(api: Api, options: SessionOptions): Handle {
  const { calls } = api
  const handle = made(calls.CreateSessionOptions, calls.ReleaseSessionOptions)
  try {
    const { address } = handle
    calls.SetSessionLogSeverityLevel(address, logErrors)
    calls.SetSessionGraphOptimizationLevel(address, levels[options.optimisation])
    if (options.memoryPattern) calls.EnableMemPattern(address)
    else calls.DisableMemPattern(address)
    for (const [key, value] of Object.entries(options.config)) calls.AddSessionConfigEntry(address, key, value)
    if (options.optimisedModel !== undefined) calls.SetOptimizedModelFilePath(address, options.optimisedModel)
    if (options.profile !== undefined) calls.EnableProfiling(address, options.profile)
    if (options.externalFiles) appendFiles(api, handle, options.externalFiles)
    for (const provider of options.providers) appendProvider(api, handle, provider)
    return handle
  } catch (error) {
    handle.release()
    throw error
  }
}

function appendFiles(api: Api, { address }: Handle, files: Readonly<Record<string, Uint8Array>>): void {
  const bytes = Object.values(files)
  api.calls.AddExternalInitializersFromFilesInMemory(
    address,
    pathArray(api, Object.keys(files)),
    addressArray(bytes.map(api.address)),
    BigUint64Array.from(bytes, ({ byteLength }) => BigInt(byteLength)),
    bytes.length,
  )
}

function appendProvider(api: Api, { address }: Handle, { name, options = {} }: ProviderChoice): void {
  const { calls } = api
  const { keys, values, count } = entryArrays(api, options)
  if (name === 'cpu') return
  if (name === 'cuda') {
    using cuda = made(calls.CreateCUDAProviderOptions, calls.ReleaseCUDAProviderOptions)
    calls.UpdateCUDAProviderOptions(cuda.address, keys, values, count)
    calls.SessionOptionsAppendExecutionProvider_CUDA_V2(address, cuda.address)
  } else {
    calls.SessionOptionsAppendExecutionProvider(address, genericNames[name], keys, values, count)
  }
}
