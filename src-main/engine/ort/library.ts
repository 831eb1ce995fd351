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
 * Looks for ONNX Runtime in the folder that LATENT_LOOM_ONNXRUNTIME names, else in onnxruntime-node.
 * @throws Error if there is none for this platform
 */
export function findLibrary(environment: NodeJS.ProcessEnv = process.env): Library {
  const folder = environment.LATENT_LOOM_ONNXRUNTIME ?? packageFolder()
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
function packageFolder(): string {
  const root = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'))
  return join(root, 'bin', 'napi-v6', process.platform, process.arch)
}
