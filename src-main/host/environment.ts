import { existsSync } from 'node:fs'
import { getCompileCacheDir } from 'node:module'
import { delimiter } from 'node:path'
import { fetchedCuda } from '../setup/cuda-setup.ts'
import { cudaFolder } from './paths.ts'

/**
 * The environment of the engine process: the caller's, with the folder of fetched CUDA libraries on the loader's path, where
 * only a new process sees it, ONNX Runtime's telemetry off, and this process's cache of compiled code. VK_DRIVER_FILES and the
 * like pass through.
 */
export function engineEnvironment(base: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {
    ...base,
    ORT_DISABLE_TELEMETRY: '1',
    // glibc raises this threshold with every large block that is freed and never returns blocks below it:
    // loading a UNet would take 1.25 times the memory and 1.5 times the time
    MALLOC_MMAP_THRESHOLD_: '131072',
    // sessions are made on Node's other threads, and glibc would keep what each of them has freed
    MALLOC_ARENA_MAX: '1',
  }
  const compileCache = getCompileCacheDir()
  if (compileCache !== undefined) environment.NODE_COMPILE_CACHE = compileCache
  const loaderPath = process.platform === 'win32' ? 'PATH' : 'LD_LIBRARY_PATH'
  const fetched = fetchedCuda(cudaFolder)
  // ONNX Runtime's provider for CUDA loads the others by their names alone
  const folders = [...(fetched === undefined ? [] : [fetched]), ...(existsSync(cudaFolder) ? [cudaFolder] : [])]
  if (folders.length > 0) environment[loaderPath] = [...folders, ...splitList(base[loaderPath])].join(delimiter)
  if (fetched !== undefined) environment.LATENT_LOOM_CUDA ??= fetched
  return environment
}

/** The entries of a path list such as PATH; empty ones are dropped. */
export function splitList(list: string | undefined): string[] {
  return (list ?? '').split(delimiter).filter((entry) => entry !== '')
}
