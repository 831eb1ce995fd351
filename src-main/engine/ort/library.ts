import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** What ONNX Runtime's files are called on a platform. */
interface Names {
  readonly library: RegExp
  /** Libraries beside it that it would otherwise take from the system, where older ones lie. */
  readonly companions: readonly string[]
  readonly cuda: string
}

const unix = { companions: [], cuda: 'libonnxruntime_providers_cuda.so' }
const names: Partial<Record<NodeJS.Platform, Names>> = {
  linux: { library: /^libonnxruntime\.so\.1(\.|$)/, ...unix },
  darwin: { library: /^libonnxruntime\.1\..*dylib$/, ...unix },
  win32: { library: /^onnxruntime\.dll$/, companions: ['DirectML.dll'], cuda: 'onnxruntime_providers_cuda.dll' },
}

/** The files of ONNX Runtime in a folder. */
export interface Library {
  readonly path: string
  /** To be loaded before it. */
  readonly companions: readonly string[]
  /** Whether the provider for CUDA lies beside it. */
  readonly hasCuda: boolean
}

/**
 * Folders with ONNX Runtime, the one to try first at the front: the one that LATENT_LOOM_ONNXRUNTIME names and no other; else
 * what was fetched for CUDA, which LATENT_LOOM_CUDA names, where NVIDIA's driver is there; then onnxruntime-node's.
 * @param hasDriver asked only if it matters
 */
export function libraryFolders(environment: NodeJS.ProcessEnv, hasDriver: () => boolean): string[] {
  const { LATENT_LOOM_ONNXRUNTIME: named, LATENT_LOOM_CUDA: fetched } = environment
  if (named !== undefined) return [named]
  const isUsed = fetched !== undefined && fetched !== 'off' && hasDriver()
  return [...(isUsed ? [fetched] : []), packageFolder()]
}

/** The library of NVIDIA's driver, which every program for CUDA needs. */
export const cudaDriver = process.platform === 'win32' ? 'nvcuda.dll' : 'libcuda.so.1'

/**
 * Looks for ONNX Runtime in a folder.
 * @throws Error if there is none for this platform
 */
export function findLibrary(folder: string): Library {
  const files = readdirSync(folder)
  const known = names[process.platform]
  const library = files.find((name) => known?.library.test(name))
  if (!known || library === undefined) throw new Error(`${folder} has no library of ONNX Runtime for this platform`)
  return {
    path: join(folder, library),
    companions: known.companions.filter((name) => files.includes(name)).map((name) => join(folder, name)),
    hasCuda: files.includes(known.cuda),
  }
}

/** The folder of the libraries that onnxruntime-node comes with. */
export function packageFolder(): string {
  const root = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'))
  return join(root, 'bin', 'napi-v6', process.platform, process.arch)
}
